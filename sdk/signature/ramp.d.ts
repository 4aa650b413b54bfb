// Types of sdk/signature/ramp.js.
// Must stay true: they say what is there, and nothing else.

/** `apiKey` and `timestamp`, and for POST the fields of the body. */
export type RampFields = Readonly<Record<string, string>>

export function rampBase(fields: RampFields): string
export function signRamp(fields: RampFields, secret: string): string
