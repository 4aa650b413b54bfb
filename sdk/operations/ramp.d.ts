// Types of sdk/operations/ramp.js.
// Printed by npm run sdk out of the routes of the bank. Change those, not this file.

import type { Operation } from '../call.js'

export const operations: Record<string, Operation>
