// How both apps come up: the look, the query cache, toasts, and a last resort when a screen fails.
// Must stay true: a failed screen says so and offers a way on.

import { CSPProvider } from '@base-ui/react/csp-provider'
import { QueryClientProvider } from '@tanstack/react-query'
import { Component, type ReactNode, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { showLanguage } from './language.ts'
import { queryClient } from './query-client.ts'
import './style/tokens.css'
import { Toasts } from './ui/toast.tsx'

/** Something in the app itself is broken; the server and the money are not touched by it. */
class LastResort extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  override render() {
    if (!this.state.broken) return this.props.children
    return (
      <main className="mx-auto max-w-md px-5 py-24 text-center">
        <h1 className="text-xl font-semibold">页面出错了 · This page broke</h1>
        <p className="mt-2 text-dim">资金不受影响。 Your money is not affected.</p>
        <button
          type="button"
          className="mt-6 min-h-12 rounded-control bg-accent px-5 font-medium text-on-accent"
          onClick={() => window.location.reload()}
        >
          重新加载 · Reload
        </button>
      </main>
    )
  }
}

export function startApp(app: ReactNode): void {
  const place = document.getElementById('app')
  if (!place) throw new Error('the page has no place for the app')
  showLanguage()
  createRoot(place).render(
    <StrictMode>
      <LastResort>
        {/* the page's policy allows no inline style elements */}
        <CSPProvider disableStyleElements>
          <QueryClientProvider client={queryClient}>
            <Toasts>{app}</Toasts>
          </QueryClientProvider>
        </CSPProvider>
      </LastResort>
    </StrictMode>,
  )
}
