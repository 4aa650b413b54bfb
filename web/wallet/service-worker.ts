// Keeps the wallet's shell on the device, so that it opens without a network and says so.
// Must stay true: no answer of an API is ever kept here; a new build replaces the old one whole, never in the middle of use.

declare const BUILD: string
declare const SHELL: readonly string[]

interface WorkerScope extends EventTarget {
  skipWaiting(): Promise<void>
  clients: { claim(): Promise<void> }
  location: Location
}
interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface Fetching extends Extendable {
  request: Request
  respondWith(answer: Promise<Response>): void
}

const scope = globalThis as unknown as WorkerScope
const KEPT = `unipay-${BUILD}`

scope.addEventListener('install', (event) => {
  ;(event as Extendable).waitUntil(caches.open(KEPT).then((cache) => cache.addAll(SHELL)))
})

scope.addEventListener('activate', (event) => {
  const clear = async () => {
    for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name)
    await scope.clients.claim()
  }
  ;(event as Extendable).waitUntil(clear())
})

scope.addEventListener('message', (event) => {
  if ((event as MessageEvent).data === 'take-over') void scope.skipWaiting()
})

scope.addEventListener('fetch', (event) => {
  const { request } = event as Fetching
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== scope.location.origin) return
  const isScreen = request.mode === 'navigate' && (url.pathname === '/' || /^\/app(?:\/|$)/.test(url.pathname))
  if (isScreen) (event as Fetching).respondWith(page(request))
  else if (url.pathname.startsWith('/assets/')) (event as Fetching).respondWith(asset(request))
})

/** The server's, or the kept one when it cannot be reached. */
async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    const kept = await caches.match('/')
    if (kept) return kept
    throw error
  }
}

/** Names carry a hash of the content: what is kept is what would come. */
async function asset(request: Request): Promise<Response> {
  const kept = await caches.match(request)
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) await (await caches.open(KEPT)).put(request, answer.clone())
  return answer
}
