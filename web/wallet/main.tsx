// The customer's wallet. Screens stand in web/wallet/screens, one file each with its words beside it.

import { startApp } from '../kit/start-app.tsx'

startApp(<main>UniPay</main>)
