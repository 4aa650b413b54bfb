// What this device remembers of how its owner likes things: colours, hidden amounts, the last network.
// Must stay true: nothing here is about money or identity; a browser that keeps nothing still works.

import { Signal } from './signal.ts'

export type Theme = 'system' | 'light' | 'dark'

function stored(key: string): string | null {
  try {
    return localStorage.getItem(`unipay.${key}`)
  } catch {
    return null
  }
}

export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`unipay.${key}`)
    else localStorage.setItem(`unipay.${key}`, value)
  } catch {
    // a browser that keeps nothing: as if it had not been chosen
  }
}

export const recall = stored

const savedTheme = stored('theme')
export const theme = new Signal<Theme>(savedTheme === 'light' || savedTheme === 'dark' ? savedTheme : 'system')
theme.watch(() => {
  const chosen = theme.value
  remember('theme', chosen === 'system' ? null : chosen)
  if (chosen === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
})

/** Every amount as dots: on the bus, on a shared screen. */
export const amountsHidden = new Signal<boolean>(stored('hidden') === '1')
amountsHidden.watch(() => remember('hidden', amountsHidden.value ? '1' : null))

/** `live`, `sandbox` (test coins and the drawer), or `test` (test coins, no drawer). */
export const mode: string = document.documentElement.dataset.mode ?? 'live'
