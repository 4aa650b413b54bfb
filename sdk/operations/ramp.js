// The operations of the ramp API: where each is, which fields go into the query, what makes a repeat harmless (`once`).
// Printed by npm run sdk out of the routes of the bank. Change those, not this file.

export const operations = {
  identityStatus: { verb: 'GET', path: '/user/findUserAuthStatus', query: ['account', 'source'], once: 'reads' },
  identityLink: { verb: 'POST', path: '/user/kycLink', once: 'reads' },
  receiveAccount: { verb: 'GET', path: '/transaction/getReceiveAccountInfo', query: ['source'], once: 'reads' },
  pushIn: { verb: 'POST', path: '/transaction/addChangeApplyOrder', once: 'orderNo' },
  pushOut: { verb: 'POST', path: '/transaction/addChangeApplySale', once: 'orderNo' },
  order: { verb: 'GET', path: '/transaction/getOrderDetail', query: ['orderNo', 'source'], once: 'reads' },
}
