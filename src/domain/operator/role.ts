// What operators may be. A role is a right to look, to make and to check; an operator has a set of them.
// Must stay true: nothing is allowed by default; whoever allows something names the roles that may.

export const roles = ['support', 'risk', 'finance', 'admin'] as const
export type Role = (typeof roles)[number]

/** Everybody who works here. */
export const everyRole: readonly Role[] = roles

export const hasRole = (of: { roles: readonly Role[] }, allowed: readonly Role[]): boolean =>
  of.roles.some((role) => allowed.includes(role))
