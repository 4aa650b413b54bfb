// The service worker: installs it, and says when a newer wallet waits. Must stay true: the newer one takes over when the
// customer says so, never by itself in the middle of a payment.

import { Signal } from '../../kit/signal.ts'

export const newVersion = new Signal<ServiceWorker | null>(null)

export function installWorker(): void {
  if (!('serviceWorker' in navigator)) return
  void navigator.serviceWorker.register('/service-worker.js').then((registration) => {
    const look = () => {
      if (registration.waiting && navigator.serviceWorker.controller) newVersion.set(registration.waiting)
    }
    look()
    registration.addEventListener('updatefound', () => {
      registration.installing?.addEventListener('statechange', look)
    })
  })
}

export function takeNewVersion(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => window.location.reload(), { once: true })
  newVersion.value?.postMessage('take-over')
}
