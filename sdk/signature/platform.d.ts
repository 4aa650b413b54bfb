// Types of sdk/signature/platform.js.
// Must stay true: they say what is there, and nothing else.

/** PEM, or DER in Base64 of either alphabet; or a KeyObject of node:crypto. */
export type PlatformKey = string | { readonly type: 'public' | 'private' | 'secret' }

export function platformBase(text: string): string
export function signPlatform(text: string, privateKey: PlatformKey): string
export function verifyPlatform(text: string, signature: string, publicKey: PlatformKey): boolean
export function encryptPlatform(text: string, publicKey: PlatformKey): string
export function decryptPlatform(data: string, privateKey: PlatformKey): string
export function plainBase(params: Readonly<Record<string, string>>): string
export function signPlain(params: Readonly<Record<string, string>>, secret: string): string
