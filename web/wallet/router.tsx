// Addresses of the wallet's screens. A screen is loaded when it is first asked for; the home screen comes with the shell.

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { AppFrame, NotHere } from './frame/app-frame.tsx'
import { Signed } from './frame/signed.tsx'
import { HomeScreen } from './screens/home/home.tsx'

/** A screen, fetched when it is first needed. */
type Load = () => Promise<ComponentType>
const root = createRootRoute({ component: AppFrame, notFoundComponent: NotHere })
const inside = createRoute({ getParentRoute: () => root, id: 'signed', component: Signed })

const lazy = (load: Load) => lazyRouteComponent(async () => ({ default: await load() }))
const open = (path: string, load: Load) => createRoute({ getParentRoute: () => root, path, component: lazy(load) })
const screen = (path: string, load: Load) => createRoute({ getParentRoute: () => inside, path, component: lazy(load) })

const access = () => import('./screens/access/access-screens.ts')

export const router = createRouter({
  routeTree: root.addChildren([
    open('/app/sign-in', async () => (await access()).SignInScreen),
    open('/app/sign-up', async () => (await access()).SignUpScreen),
    open('/app/forgotten', async () => (await access()).ForgottenScreen),
    // the address of invitations
    createRoute({
      getParentRoute: () => root,
      path: '/app',
      beforeLoad: ({ search }) => {
        throw redirect({ to: '/app/sign-up', search })
      },
    }),
    inside.addChildren([
      createRoute({ getParentRoute: () => inside, path: '/', component: HomeScreen }),
      screen('/app/deposit', async () => (await import('./screens/deposit/deposit.tsx')).DepositScreen),
      screen('/app/deposits/$id', async () => (await import('./screens/deposit/deposit-order.tsx')).DepositOrderScreen),
      screen('/app/send', async () => (await import('./screens/send/send.tsx')).SendScreen),
      screen('/app/withdraw', async () => (await import('./screens/withdraw/withdraw.tsx')).WithdrawScreen),
      screen('/app/withdrawals/$id', async () => (await import('./screens/withdraw/withdrawal.tsx')).WithdrawalScreen),
      screen('/app/addresses', async () => (await import('./screens/withdraw/address-book.tsx')).AddressBookScreen),
      screen('/app/kyc', async () => (await import('./screens/identity/identity.tsx')).IdentityScreen),
      screen('/app/cards', async () => (await import('./screens/card/card.tsx')).CardScreen),
      screen('/app/cards/apply', async () => (await import('./screens/card/apply.tsx')).CardApplyScreen),
      screen('/app/remit', async () => (await import('./screens/remit/remit.tsx')).RemitScreen),
      screen('/app/remit/orders', async () => (await import('./screens/remit/orders.tsx')).RemitOrdersScreen),
      screen('/app/remit/orders/$id', async () => (await import('./screens/remit/orders.tsx')).RemitOrderScreen),
      screen('/app/remit/recipients', async () => (await import('./screens/remit/recipients.tsx')).RecipientsScreen),
      screen(
        '/app/remit/recipients/new',
        async () => (await import('./screens/remit/recipients.tsx')).NewRecipientScreen,
      ),
      screen('/app/nodes', async () => (await import('./screens/node/nodes.tsx')).NodesScreen),
      screen('/app/team', async () => (await import('./screens/node/team.tsx')).TeamScreen),
      screen('/app/reserves', async () => (await import('./screens/reserves/reserves.tsx')).ReservesScreen),
      screen('/app/activity', async () => (await import('./screens/activity/activity.tsx')).ActivityScreen),
      screen('/app/request', async () => (await import('./screens/request/request.tsx')).RequestScreen),
      screen('/app/scan', async () => (await import('./screens/request/scan.tsx')).ScanScreen),
      screen('/app/inbox', async () => (await import('./screens/inbox/inbox.tsx')).InboxScreen),
      screen('/app/me', async () => (await import('./screens/me/me.tsx')).MeScreen),
      screen('/app/security', async () => (await import('./screens/security/security.tsx')).SecurityScreen),
      screen('/app/security/pin', async () => (await import('./screens/security/pin.tsx')).PinScreen),
      screen('/app/security/totp', async () => (await import('./screens/security/totp.tsx')).TotpScreen),
      screen('/app/security/password', async () => (await import('./screens/security/password.tsx')).PasswordScreen),
      screen('/app/security/devices', async () => (await import('./screens/security/devices.tsx')).DevicesScreen),
      screen('/app/security/contact', async () => (await import('./screens/security/contact.tsx')).ContactScreen),
      screen('/app/api-keys', async () => (await import('./screens/program/api-keys.tsx')).ApiKeysScreen),
      screen('/app/move', async () => (await import('./screens/move/move.tsx')).MoveScreen),
      screen('/app/notices', async () => (await import('./screens/me/notices.tsx')).NoticesScreen),
    ]),
  ]),
  defaultPreload: 'intent',
  scrollRestoration: true,
})
