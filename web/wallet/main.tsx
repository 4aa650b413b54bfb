// The customer's wallet. Screens stand in web/wallet/screens, one file each with its words beside it.

import { RouterProvider } from '@tanstack/react-router'
import { resumeSession } from '../kit/api/session.ts'
import { startApp } from '../kit/start-app.tsx'
import { keepLastKnown } from './frame/last-known.ts'
import { followEvents } from './frame/live-events.ts'
import { installWorker } from './frame/update.ts'
import { router } from './router.tsx'

keepLastKnown()
followEvents()
installWorker()
void resumeSession()
startApp(<RouterProvider router={router} />)
