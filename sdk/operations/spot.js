// The operations of the spot API: where each is, which fields go into the query, what makes a repeat harmless (`once`).
// Printed by npm run sdk out of the routes of the bank. Change those, not this file.

export const operations = {
  account: { verb: 'GET', path: '/api/spot/v1/user/account', once: 'reads' },
  futuresAccount: { verb: 'GET', path: '/api/spot/v1/user/futures_account', once: 'reads' },
  userInfo: { verb: 'GET', path: '/api/spot/v1/user/info', once: 'reads' },
  withdraw: { verb: 'POST', path: '/api/spot/v1/withdraw', once: 'outBizId' },
  cancelWithdraw: { verb: 'POST', path: '/api/spot/v1/withdraw/cancel' },
  depositAddress: { verb: 'POST', path: '/api/spot/v1/deposit/address', once: 'reads' },
  insideTransfer: { verb: 'POST', path: '/api/spot/v1/inside_transfer', once: 'outBizId' },
  cancelInsideTransfer: { verb: 'POST', path: '/api/spot/v1/inside_transfer/cancel' },
  fundsTransfer: { verb: 'POST', path: '/api/spot/v1/funds_transfer', once: 'outBizId' },
  recordsOut: { verb: 'POST', path: '/api/spot/v1/withdraw_transfer/page', once: 'reads' },
  recordsIn: { verb: 'POST', path: '/api/spot/v1/deposit/page', once: 'reads' },
  coins: { verb: 'GET', path: '/api/spot/v1/common/coin/coin_network/list', open: true, once: 'reads' },
  rates: { verb: 'GET', path: '/api/spot/v1/common/rate/list', open: true, once: 'reads' },
}
