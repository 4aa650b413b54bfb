// The operations of the platform API: where each is, which fields go into the query, what makes a repeat harmless (`once`).
// Printed by npm run sdk out of the routes of the bank. Change those, not this file.

export const operations = {
  register: { verb: 'POST', path: '/platformapi/chainup/open/user/registration' },
  listCustomers: { verb: 'POST', path: '/platformapi/chainup/open/user/reg_info_list', once: 'reads' },
  showSuperiors: { verb: 'POST', path: '/platformapi/chainup/open/user/user_superior', once: 'reads' },
  showInvited: { verb: 'POST', path: '/platformapi/chainup/open/user/user_invite', once: 'reads' },
  verifyIdentity: { verb: 'POST', path: '/platformapi/chainup/open/user/verifyUserIdentity' },
  loginHistory: { verb: 'POST', path: '/platformapi/chainup/open/user/getUserHistoryLogin', once: 'reads', plain: true },
}
