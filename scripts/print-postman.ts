// Postman collections of the APIs, printed out of the OpenAPI document (`npm run sdk`).
// Must stay true: what is printed depends on that document and on sdk/postman-scripts/ alone.

import type { OpenApi } from './sdk-operations.ts'

export const postmanFiles = (_document: OpenApi): Record<string, string> => ({})
