// The operators' console. Its screens stand in web/console/screens, a folder an area, and are loaded when first asked for.
// Must stay true: filters are plain text in the address; every address is below /console.

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, RouterProvider } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { startApp } from '../kit/start-app.tsx'
import '../kit/style/chinese.css'
import { resume } from './api/session.ts'
import { Broken, NotHere } from './frame/not-here.tsx'
import { Shell } from './frame/shell.tsx'
import { screens } from './screens.ts'

const root = createRootRoute({ component: Shell, notFoundComponent: NotHere })
const router = createRouter({
  basepath: '/console',
  routeTree: root.addChildren(
    Object.entries(screens).map(([path, [load, name]]) =>
      createRoute({
        getParentRoute: () => root,
        path: path as '/',
        component: lazyRouteComponent(load as () => Promise<Record<string, ComponentType>>, name),
      }),
    ),
  ),
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const set = Object.entries(search).filter((pair): pair is [string, string] => pair[1] !== undefined)
    const text = new URLSearchParams(set).toString()
    return text === '' ? '' : `?${text}`
  },
  scrollRestoration: true,
  defaultErrorComponent: Broken,
  defaultPreload: 'intent',
  defaultPendingMs: 150,
})

void resume()
startApp(<RouterProvider router={router} />)
