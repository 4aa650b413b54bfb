// The operators' console. Its screens stand in web/console/screens, one file each with its words beside it.

import { createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { startApp } from '../kit/start-app.tsx'

const root = createRootRoute({
  component: () => (
    <main className="mx-auto max-w-md px-6 py-24">
      <h1 className="text-2xl font-semibold">UniPay Console</h1>
    </main>
  ),
})
const router = createRouter({ routeTree: root, basepath: '/console' })

startApp(<RouterProvider router={router} />)
