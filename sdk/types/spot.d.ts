// What the operations of the spot API take and answer.
// Printed by npm run sdk out of the routes of the bank. Change those, not this file.

export interface SpotOperations {
  /** 查询账户余额 / Balances. `GET /api/spot/v1/user/account` */
  account: {
    input: Record<string, never>
    answer: {
      coin: string
      /** 可用余额 / what can be spent, exact digits */
      balance: string
      /** 锁定余额 / what orders hold */
      balanceLocked: string
    }[]
  }
  /** 合约账户余额 / Balances of the account for futures. `GET /api/spot/v1/user/futures_account` */
  futuresAccount: {
    input: Record<string, never>
    answer: {
      coin: string
      /** 可用余额 / what can be spent, exact digits */
      balance: string
      /** 锁定余额 / what orders hold */
      balanceLocked: string
    }[]
  }
  /** 用户信息 / Who the key belongs to. `GET /api/spot/v1/user/info` */
  userInfo: {
    input: Record<string, never>
    answer: {
      uid: string
    }
  }
  /** 发起提币(仅限免认证地址)/ Withdraw to a listed address. `POST /api/spot/v1/withdraw` */
  withdraw: {
    input: {
      coin: string
      network: string
      address: string
      /** decimal; a JSON number or a string, read to the digit */
      amount: string
      memo?: string
      /** 业务 Id,幂等 / the program’s own id: one order for ever */
      outBizId?: string
    }
    answer: string
  }
  /** 撤销提币(初审前)/ Cancel before the first review. `POST /api/spot/v1/withdraw/cancel` */
  cancelWithdraw: {
    input: {
      /** up to 19 digits; exact as a string, and read exactly as a number */
      withdrawId: string | number
    }
    answer: null
  }
  /** 获取充币地址 / Deposit address. `POST /api/spot/v1/deposit/address` */
  depositAddress: {
    input: {
      coin: string
      network: string
    }
    answer: {
      coin: string
      network: string
      address: string
      memo: string | null
    }[]
  }
  /** 发起站内转账 / Send to another customer. `POST /api/spot/v1/inside_transfer` */
  insideTransfer: {
    input: {
      /** 业务 Id,幂等 / the program’s own id: one order for ever */
      outBizId?: string
      coin: string
      /** decimal; a JSON number or a string, read to the digit */
      amount: string
      toType: 'uid' | 'phone' | 'email'
      toUid?: string | number
      toPhoneCountryCode?: string
      toPhoneNumber?: string
      toEmail?: string
      remark?: string
    }
    answer: string
  }
  /** 撤销站内转账(初审前)/ Cancel before the first review. `POST /api/spot/v1/inside_transfer/cancel` */
  cancelInsideTransfer: {
    input: {
      /** up to 19 digits; exact as a string, and read exactly as a number */
      insideTransferId: string | number
    }
    answer: null
  }
  /** 划转 / Move between the spot and the futures account. `POST /api/spot/v1/funds_transfer` */
  fundsTransfer: {
    input: {
      type: 'spot_futures' | 'futures_spot'
      coin: string
      /** decimal; a JSON number or a string, read to the digit */
      amount: string
      /** 业务 Id,幂等 / the program’s own id: one order for ever */
      outBizId?: string
    }
    answer: string
  }
  /** 获取提币记录(提币+站内转账)/ Withdrawals and payments sent, newest first. `POST /api/spot/v1/withdraw_transfer/page` */
  recordsOut: {
    input: {
      /** up to 19 digits; exact as a string, and read exactly as a number */
      id?: string | number
      outBizId?: string
      coin?: string
      transactionHash?: string
      type?: 'withdraw' | 'inside_transfer_out'
      startTime?: string | number
      endTime?: string | number
      remark?: string
      limit?: string | number
    }
    answer: {
      id: string
      outBizId: string | null
      type: 'withdraw' | 'inside_transfer_out'
      coin: string
      network: string | null
      amount: string
      feeCoin: string | null
      fee: string | null
      status: 'verification' | 'pending' | 'cancelled' | 'success' | 'fail'
      ctime: string
      toAddress: string | null
      address: string | null
      memo: string | null
      transactionHash: string | null
      toType: string | null
      toUid: string | null
      toPhoneCountryCode: string | null
      toPhoneNumber: string | null
      toEmail: string | null
      remark: string | null
    }[]
  }
  /** 获取充币记录(充币+站内转账)/ Deposits and payments received, newest first. `POST /api/spot/v1/deposit/page` */
  recordsIn: {
    input: {
      /** up to 19 digits; exact as a string, and read exactly as a number */
      id?: string | number
      coin?: string
      type?: 'deposit' | 'inside_transfer_in'
      transactionHash?: string
      startTime?: string | number
      endTime?: string | number
      limit?: string | number
    }
    answer: {
      /** 最多 19 位 / up to 19 digits, more than a double can hold */
      id: string
      transactionHash: string | null
      coin: string
      network: string | null
      type: 'deposit' | 'inside_transfer_in'
      fromAddress: string
      toAddress: string
      amount: string
      status: 'pending' | 'cancelled' | 'success' | 'fail'
      ctime: string
    }[]
  }
  /** 查询币种数据 / Coins and their networks. `GET /api/spot/v1/common/coin/coin_network/list` */
  coins: {
    input: Record<string, never>
    answer: {
      name: string
      fullName: string
      logo: string | null
      track: string | null
      /** 数量精度 / decimals of amounts */
      precision: string
      isHot: boolean
      isOpen: boolean
      isShow: boolean
      depositOpen: boolean
      withdrawOpen: boolean
      withdrawMin: string
      withdrawMax: string
      networks: {
        network: string
        chain: string
        contractAddress: string | null
        contractPrecision: string
        /** 0: no memo */
        requireMemo: string
        depositConfirm: string
        addressRegular: string
        isOpen: boolean
        isShow: boolean
        depositOpen: boolean
        withdrawOpen: boolean
        withdrawFee: string
        withdrawMin: string
        withdrawMax: string
        depositMin: string
      }[]
    }[]
  }
  /** 汇率 / Rates. `GET /api/spot/v1/common/rate/list` */
  rates: {
    input: Record<string, never>
    answer: {
      baseSymbol: string
      quoteSymbol: string
      rate: string
    }[]
  }
}
