// Words of the design system itself. Screens have their own beside them.

import { texts } from '../language.ts'

export const useKitWords = texts('kit', {
  close: ['关闭', 'Close'],
  back: ['返回', 'Back'],
  copy: ['复制', 'Copy'],
  copied: ['已复制', 'Copied'],
  retry: ['重试', 'Try again'],
  loading: ['加载中', 'Loading'],
  required: ['必填', 'Required'],
  hideAmounts: ['隐藏金额', 'Hide amounts'],
  showAmounts: ['显示金额', 'Show amounts'],
  hidden: ['金额已隐藏', 'Amount hidden'],
  requestId: ['请求编号', 'Request id'],
  unheard: ['连不上服务器', 'The server cannot be reached'],
  unheardHint: ['请检查网络后重试。', 'Check your connection and try again.'],
  moneyUnmoved: ['资金没有变动。', 'No money has moved.'],
  moneyUnknown: [
    '不确定资金是否已变动。请先查看明细,再决定是否重试;用同一页面重试不会重复扣款。',
    'It is not known yet whether money has moved. Look at your activity first; trying again from this page cannot pay twice.',
  ],
  pin: ['支付密码', 'Payment PIN'],
  pinDigits: ['已输入 {{count}} 位,共 6 位', '{{count}} of 6 digits entered'],
  deleteDigit: ['删除一位', 'Delete digit'],
  pinForgot: ['忘记支付密码?', 'Forgot PIN?'],
  code: ['验证码', 'Code'],
  showPassword: ['显示密码', 'Show password'],
  hidePassword: ['隐藏密码', 'Hide password'],
  more: ['加载更多', 'Load more'],
  test: ['测试环境 · 测试币,无真实价值', 'TEST · coins here have no value'],
  qrOf: ['二维码:{{text}}', 'QR code: {{text}}'],
})
