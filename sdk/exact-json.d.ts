// Types of sdk/exact-json.js.
// Must stay true: they say what is there, and nothing else.

/** JSON, with numbers as texts of their digits. Throws a SyntaxError. */
export function parseExactJson(text: string): unknown
