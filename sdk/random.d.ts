// Types of sdk/random.js.
// Must stay true: they say what is there, and nothing else.

export function randomHex(bytes: number): Promise<string>
