// The doors of the wallet, loaded together: who has come to one often needs the next.

export { ForgottenScreen } from './forgotten.tsx'
export { SignInScreen } from './sign-in.tsx'
export { SignUpScreen } from './sign-up.tsx'
