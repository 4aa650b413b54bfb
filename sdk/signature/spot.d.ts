// Types of sdk/signature/spot.js.
// Must stay true: they say what is there, and nothing else.

export interface SpotRequest {
  nonce: string
  /** Milliseconds since 1970. */
  timestamp: string
  apiKey: string
  /** As it stands in the address behind the question mark. */
  query?: string
  /** The text of the body, as it is sent. */
  body?: string
}

export function spotQuery(query: string): string
export function spotBase(request: SpotRequest): string
export function signSpot(request: SpotRequest, secret: string): string
export function signSpotFrame(params: Readonly<Record<string, string>>, secret: string): string
