// What the operations of the app API take and answer.
// Printed by npm run sdk out of the routes of the bank. Change those, not this file.

export interface AppOperations {
  /** 发送验证码 / Send a one-time code. `POST /api/auth/code/send` */
  sendCode: {
    input: {
      /** 邮箱或手机号 / e-mail address or phone number */
      contact: string
      /** 联系方式类型 / kind of contact */
      type: 'email' | 'mobile'
      /** 手机区号 / calling code */
      mobile_prefix?: string
      /** 场景 / what for */
      scene: 'register' | 'login' | 'reset' | 'change_contact'
    }
    answer: undefined
  }
  /** 注册 / Register. `POST /api/auth/register` */
  register: {
    input: {
      /** 邮箱或手机号 / e-mail address or phone number */
      contact: string
      /** 联系方式类型 / kind of contact */
      type: 'email' | 'mobile'
      /** 手机区号 / calling code */
      mobile_prefix?: string
      /** 验证码 / code */
      code: string
      /** 登录密码 / password */
      password: string
      /** 邀请码 / invite code */
      invite_code?: string
    }
    answer: {
      user: {
        id: string
        uid: string
        invite_code: string
        is_node: boolean
        effective_level: number
      }
      access_token: string
      refresh_token: string
    }
  }
  /** 登录(密码或验证码) / Sign in by password or by code. `POST /api/auth/login` */
  logIn: {
    input: {
      /** 邮箱或手机号 / e-mail address or phone number */
      contact: string
      /** 联系方式类型 / kind of contact */
      type: 'email' | 'mobile'
      /** 手机区号 / calling code */
      mobile_prefix?: string
      /** 登录密码 / password */
      password?: string
      /** 验证码 / code */
      code?: string
    }
    answer: {
      user: {
        id: string
        uid: string
        invite_code: string
        is_node: boolean
        effective_level: number
      }
      access_token: string
      refresh_token: string
    } | {
      need_2fa: true
      pending_id: string
      channels: ('sms' | 'email')[]
    }
  }
  /** 发送登录二次验证码 / Send the code of a sign-in challenge. `POST /api/auth/login/2fa/send` */
  sendLoginChallengeCode: {
    input: {
      /** 登录挑战 id / id of the challenge */
      pending_id: string
      /** 渠道 / channel */
      channel: 'sms' | 'email'
    }
    answer: undefined
  }
  /** 完成登录二次验证 / Pass a sign-in challenge. `POST /api/auth/login/2fa/verify` */
  completeLogIn: {
    input: {
      /** 登录挑战 id / id of the challenge */
      pending_id: string
      /** 渠道 / channel */
      channel: 'sms' | 'email'
      /** 验证码 / code */
      code: string
    }
    answer: {
      user: {
        id: string
        uid: string
        invite_code: string
        is_node: boolean
        effective_level: number
      }
      access_token: string
      refresh_token: string
    }
  }
  /** 刷新令牌 / New tokens for a refresh token. `POST /api/auth/refresh` */
  refreshTokens: {
    input: {
      refresh_token: string
    }
    answer: {
      access_token: string
      refresh_token: string
    }
  }
  /** 退出登录 / Sign out. `POST /api/auth/logout` */
  logOut: {
    input: {
      refresh_token?: string
    }
    answer: undefined
  }
  /** 设置登录密码 / Set the first password. `POST /api/auth/password/setup` */
  setFirstPassword: {
    input: {
      /** 登录密码 / password */
      password: string
    }
    answer: {
      ok: true
    }
  }
  /** 修改登录密码 / Change the password. `POST /api/auth/password` */
  changePassword: {
    input: {
      /** 登录密码 / password */
      old_password: string
      /** 登录密码 / password */
      new_password: string
    }
    answer: undefined
  }
  /** 用验证码重置登录密码 / Reset a forgotten password by code. `POST /api/auth/password/reset` */
  resetPassword: {
    input: {
      /** 邮箱或手机号 / e-mail address or phone number */
      contact: string
      /** 联系方式类型 / kind of contact */
      type: 'email' | 'mobile'
      /** 手机区号 / calling code */
      mobile_prefix?: string
      /** 验证码 / code */
      code: string
      /** 登录密码 / password */
      new_password: string
    }
    answer: undefined
  }
  /** 登录设备 / Signed-in devices. `GET /api/auth/devices` */
  listDevices: {
    input: Record<string, never>
    answer: {
      id: string
      browser: string
      os: string
      ip: string
      is_master: boolean
      is_current: boolean
      first_seen_at: string
      last_seen_at: string
    }[]
  }
  /** 下线设备 / Sign a device out. `POST /api/auth/devices/{id}/kick` */
  kickDevice: {
    input: {
      id: string
    }
    answer: undefined
  }
  /** 向新联系方式发送验证码 / Send a code to a new contact. `POST /api/auth/contact/bind/send` */
  sendBindingCode: {
    input: {
      /** 邮箱或手机号 / e-mail address or phone number */
      contact: string
      /** 联系方式类型 / kind of contact */
      type: 'email' | 'mobile'
      /** 手机区号 / calling code */
      mobile_prefix?: string
    }
    answer: undefined
  }
  /** 绑定新联系方式 / Bind a new contact. `POST /api/auth/contact/bind/verify` */
  bindContact: {
    input: {
      /** 邮箱或手机号 / e-mail address or phone number */
      contact: string
      /** 联系方式类型 / kind of contact */
      type: 'email' | 'mobile'
      /** 手机区号 / calling code */
      mobile_prefix?: string
      /** 验证码 / code */
      code: string
    }
    answer: undefined
  }
  /** 登录二次验证开关 / Switch two-step sign-in. `POST /api/auth/login2fa` */
  switchLogin2fa: {
    input: {
      /** 渠道 / channel */
      channel: 'sms' | 'email'
      /** 开/关 / on or off */
      enabled: boolean
    }
    answer: undefined
  }
  /** 我的资料 / My profile. `GET /api/user/me` */
  getMe: {
    input: Record<string, never>
    answer: {
      id: string
      uid: string
      /** masked */
      email: string | null
      /** masked */
      phone: string | null
      nickname: string | null
      avatar_color: string
      locale: string
      invite_code: string
      is_node: boolean
      kyc_status: string
      google2fa_enabled: boolean
      payment_password_set: boolean
      level: {
        system: number
        effective: number
      }
      created_at: string
    }
  }
  /** 修改昵称或语言 / Change nickname or language. `PATCH /api/user/me` */
  updateMe: {
    input: {
      nickname?: string
      locale?: 'zh' | 'en'
    }
    answer: undefined
  }
  /** 邀请码 / Invite code. `GET /api/user/invite-code` */
  getInviteCode: {
    input: Record<string, never>
    answer: {
      code: string
      share_url: string
    }
  }
  /** 直推成员 / People I invited. `GET /api/user/team` */
  listTeam: {
    input: {
      /** 页码 / page, from 1 (integer) */
      page?: string | number
      /** 每页 / page size, at most 100 (integer) */
      size?: string | number
    }
    answer: {
      items: {
        uid: string
        is_node: boolean
        sub_count: number
        created_at: string
      }[]
      page: number
      size: number
    }
  }
  /** 团队汇总 / Team in numbers. `GET /api/user/team/summary` */
  getTeamSummary: {
    input: Record<string, never>
    answer: {
      direct: number
      recursive: number
      this_week_new: number
      this_month_new: number
    }
  }
  /** 等级 / Level. `GET /api/user/level` */
  getLevel: {
    input: Record<string, never>
    answer: {
      is_node: boolean
      current_effective: number
      realtime_system: number
      manual_active: boolean
    }
  }
  /** 账户余额 / Balances in USDT; `balance` includes what is frozen. `coins`: other assets of the main account. `GET /api/account/balance` */
  getBalance: {
    input: Record<string, never>
    answer: {
      main: {
        balance: string
        frozen: string
        available: string
      }
      node: {
        balance: string
        frozen: string
        available: string
      }
      futures: {
        balance: string
        frozen: string
        available: string
      }
      total: string
      coins: {
        TRX: {
          balance: string
          frozen: string
          available: string
        }
      }
    }
  }
  /** 账户流水 / Statement, newest first. `GET /api/account/ledger` */
  getStatement: {
    input: {
      account?: 'main' | 'node' | 'card' | 'futures'
      /** 业务类型: transfer, transfer_internal, recharge, recharge_reversed, receivable_paid, withdraw, node_purchase, node_cashback, node_yield, commission, commission_reversed, card_topup, card_payment, card_refund, card_release, card_owed_paid, remittance, remittance_returned, ramp_bought, ramp_sold, adjustment, upt_granted, reversal */
      type?: string
      /** 币种,默认 USDT / asset, USDT unless said */
      asset?: 'USDT' | 'TRX'
      /** 页码 / page, from 1 (integer) */
      page?: string | number
      /** 每页 / page size, at most 100 (integer) */
      size?: string | number
    }
    answer: {
      items: {
        id: string
        account_type: string
        asset: string
        direction: 'debit' | 'credit'
        amount: string
        balance_after: string
        biz_type: string
        memo: string
        created_at: string
      }[]
      page: number
      size: number
    }
  }
  /** 账户间互转 / Move between own accounts: main, node, futures. `POST /api/account/transfer-internal` */
  transferInternal: {
    input: {
      from: 'main' | 'node' | 'futures'
      to: 'main' | 'node' | 'futures'
      /** decimal string */
      amount: string
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      transfer_id: string
      from: string
      to: string
      amount: string
      created_at: string
    }
  }
  /** UPT 余额 / UPT balance. `GET /api/upt/balance` */
  getUptBalance: {
    input: Record<string, never>
    answer: {
      main: number
      node: number
      total: number
    }
  }
  /** UPT 行情(USDT)/ Prices of UPT in USDT: the newest bars in which there was one, oldest first. `GET /api/quote/upt-kline` */
  getUptKline: {
    input: {
      /** 默认 1h / 1h unless said */
      interval?: '1m' | '1h' | '1d'
      /** 1–500 (integer), 200 unless said */
      limit?: string
    }
    answer: {
      klines: {
        /** 起始时间,秒 / when it begins, in seconds */
        time: number
        open: number
        high: number
        low: number
        close: number
      }[]
      last_price: number
      default_price: number
    }
  }
  /** 节点总览 / Price, stock, and what I hold. `GET /api/node/dashboard` */
  getNodeDashboard: {
    input: Record<string, never>
    answer: {
      is_node: boolean
      node_count: number
      effective_level: number
      current_unit_price: string
      available_stock: number
      upt_balance: number
      remaining_for_user: number
      max_per_user: number
      tiers: {
        tier: number
        unit_price: string
        units: number
        available: number
      }[]
    }
  }
  /** 购买报价(可跨档)/ What so many nodes cost now; they may span tiers. `GET /api/node/quote` */
  quoteNodes: {
    input: {
      /** 数量 / how many (integer) */
      qty: string | number
    }
    answer: {
      qty: number
      unit_price_first_tier: string
      /** 各档小计之和 / the sum of the subtotals */
      total_usdt: string
      tiers: {
        tier: number
        units: number
        unit_price: string
        subtotal: string
      }[]
      upt_granted: number
      available: number
      /** 您还可购买 / how many you may still buy */
      remaining_for_user: number
    }
  }
  /** 购买节点;总价与 expected_total_usdt 不同则拒绝 / Buy nodes from the main account; refused when the total is another one. `POST /api/node/buy` */
  buyNodes: {
    input: {
      /** 数量 / how many */
      quantity: number
      /** decimal string */
      expected_total_usdt: string
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      order_id: string
      quantity: number
      total_usdt: string
      upt_granted: number
      status: 'paid'
      created_at: string
    }
  }
  /** 购买记录 / My purchases. `GET /api/node/orders` */
  listNodeOrders: {
    input: {
      /** 页码 / page, from 1 (integer) */
      page?: string | number
      /** 每页 / page size, at most 100 (integer) */
      size?: string | number
    }
    answer: {
      items: {
        id: string
        quantity: number
        total_usdt: string
        tiers: {
          tier: number
          units: number
          unit_price: string
          subtotal: string
        }[]
        upt_granted: number
        status: string
        created_at: string
      }[]
      page: number
      size: number
    }
  }
  /** 邀请返现 / Cashback for those whom I invited. `GET /api/node/cashback` */
  listCashback: {
    input: {
      /** 页码 / page, from 1 (integer) */
      page?: string | number
      /** 每页 / page size, at most 100 (integer) */
      size?: string | number
    }
    answer: {
      items: {
        id: string
        amount: string
        rate: string
        /** 对方支付的总价 / what was paid for the nodes */
        base: string
        from_uid: string
        status: string
        created_at: string
      }[]
      page: number
      size: number
    }
  }
  /** 我的节点 / What I hold. `GET /api/node/holdings` */
  getNodeHoldings: {
    input: Record<string, never>
    answer: {
      count: number
      upt_balance: number
      is_node: boolean
      effective_level: number
      /** 购买价款合计 / what was paid for them */
      principal_usdt: string
      /** 团队持有节点 / nodes in my team */
      team_count: number
    }
  }
  /** 每日收益 / Daily yield of my nodes. `GET /api/node/yields` */
  listNodeYields: {
    input: {
      /** 页码 / page, from 1 (integer) */
      page?: string | number
      /** 每页 / page size, at most 100 (integer) */
      size?: string | number
    }
    answer: {
      items: {
        id: string
        /** UTC, YYYY-MM-DD */
        day: string
        amount: string
        rate: string
        principal_usdt: string
        level: number
        created_at: string
      }[]
      page: number
      size: number
    }
  }
  /** 返佣汇总 / Commissions in all, and on this day (UTC). `GET /api/commission/me/summary` */
  getCommissionSummary: {
    input: Record<string, never>
    answer: {
      total: string
      today: string
    }
  }
  /** 返佣明细 / Commissions one by one: base × rate, rounded down. `GET /api/commission/rewards` */
  listCommissions: {
    input: {
      /** 页码 / page, from 1 (integer) */
      page?: string | number
      /** 每页 / page size, at most 100 (integer) */
      size?: string | number
    }
    answer: {
      items: {
        id: string
        source_biz_type: string
        amount: string
        /** 1:我邀请的人 / 1: somebody whom I invited */
        layer: number
        /** 手续费 / the fee */
        base: string
        rate: string
        /** paid, reversed */
        status: string
        created_at: string
      }[]
      page: number
      size: number
    }
  }
  /** 获取专属充值地址 / The deposit address for a network. `GET /api/recharge/address` */
  getDepositAddress: {
    input: {
      /** 链 / network: BSC, TRX, ETH */
      chain: string
    }
    answer: {
      chain: string
      address: string
      qr_code_payload: string
      min_deposit_usdt: string
      /** 网络名称 / name of the network */
      network: string
      /** USDT 合约 / token contract */
      contract: string
      confirmations_required: number
      /** 预计到账秒数 / usual time until it is credited */
      eta_seconds: number
      /** 该地址也接受的主币 / the coin that this address takes in as well */
      coin?: {
        asset: string
        min_deposit: string
      }
    }
  }
  /** 获取专属充值地址 / The deposit address for a network. `POST /api/recharge/address` */
  makeDepositAddress: {
    input: {
      /** 链 / network: BSC, TRX, ETH */
      chain: string
    }
    answer: {
      chain: string
      address: string
      qr_code_payload: string
      min_deposit_usdt: string
      /** 网络名称 / name of the network */
      network: string
      /** USDT 合约 / token contract */
      contract: string
      confirmations_required: number
      /** 预计到账秒数 / usual time until it is credited */
      eta_seconds: number
      /** 该地址也接受的主币 / the coin that this address takes in as well */
      coin?: {
        asset: string
        min_deposit: string
      }
    }
  }
  /** 充值订单列表 / Deposits, newest first. `GET /api/recharge/orders` */
  listDeposits: {
    input: {
      /** 状态过滤 / only this status */
      status?: 'pending' | 'review' | 'credited' | 'orphaned' | 'reversed' | 'rejected'
      /** 页码 / page, from 1 (integer) */
      page?: string | number
      /** 每页 / page size, at most 100 (integer) */
      size?: string | number
    }
    answer: {
      items: {
        id: string
        chain: string
        network: string
        /** 币种 / USDT, TRX */
        asset: string
        status: 'pending' | 'review' | 'credited' | 'orphaned' | 'reversed' | 'rejected'
        address: string
        from_address: string
        amount_received: string
        amount_credited: string
        confirmations: number
        confirmations_required: number
        tx_hash: string
        explorer_url: string | null
        block_number: number
        created_at: string
        credited_at: string | null
      }[]
      page: number
      size: number
    }
  }
  /** 充值订单详情 / One deposit. `GET /api/recharge/orders/{id}` */
  getDeposit: {
    input: {
      id: string
    }
    answer: {
      id: string
      chain: string
      network: string
      /** 币种 / USDT, TRX */
      asset: string
      status: 'pending' | 'review' | 'credited' | 'orphaned' | 'reversed' | 'rejected'
      address: string
      from_address: string
      amount_received: string
      amount_credited: string
      confirmations: number
      confirmations_required: number
      tx_hash: string
      explorer_url: string | null
      block_number: number
      created_at: string
      credited_at: string | null
    }
  }
  /** 提交提现 / Withdraw USDT to an address. `POST /api/withdrawal/usdt` */
  submitWithdrawal: {
    input: {
      /** 链 / network: BSC, TRX, ETH */
      chain: string
      /** 收款地址 / address */
      to_address: string
      /** decimal string */
      amount: string
      /** decimal string */
      expected_fee?: string
      confirm_lookalike?: boolean
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      order_id: string
      chain: string
      to_address: string
      amount: string
      fee: string
      amount_net: string
      status: 'submitted'
      created_at: string
    }
  }
  /** 可提现的网络与费用 / Networks, fees and limits. `GET /api/withdrawal/usdt/networks` */
  listWithdrawalNetworks: {
    input: Record<string, never>
    answer: {
      items: {
        chain: string
        network: string
        family: string
        contract: string
        /** 现在可以提交 / can be submitted now */
        enabled: boolean
        /** 转出暂停,会排队 / paused, would wait */
        delayed: boolean
        fee: string
        min: string
        max: string
        /** 不超过此额无需人工审核 / up to this nobody has to look at it */
        auto_up_to: string
        confirmations_required: number
        eta_seconds: number
      }[]
      kyc_level: string
      limit_per_day: string
      left_today: string
    }
  }
  /** 提现试算 / What a withdrawal would cost. `GET /api/withdrawal/usdt/quote` */
  quoteWithdrawal: {
    input: {
      /** 链 / network: BSC, TRX, ETH */
      chain: string
      /** decimal string */
      amount: string
      /** 收款地址 / address */
      to_address?: string
    }
    answer: {
      chain: string
      network: string
      /** 服务器读到的地址 / the address as the server reads it */
      to_address: string | null
      amount: string
      fee: string
      /** 实际到账 / what arrives */
      amount_net: string
      min: string
      max: string
      available: string
      limit_per_day: string
      left_today: string
      /** 需要人工审核 / operators look at it first */
      needs_review: boolean
      /** 预计到账秒数 / usual time until it arrives */
      eta_seconds: number | null
      warnings: {
        code: 'lookalike' | 'new_address' | 'insufficient_balance' | 'limit_exceeded' | 'delayed' | 'held'
        message: string
      }[]
      /** 与之相似的已知地址 / the known address it resembles */
      similar_to: string | null
    }
  }
  /** 提现记录 / Withdrawals, newest first. `GET /api/withdrawal/usdt/orders` */
  listWithdrawals: {
    input: {
      /** 状态过滤 / only this status */
      status?: 'submitted' | 'verification' | 'review' | 'approved' | 'processing' | 'confirming' | 'confirmed' | 'failed' | 'rejected' | 'cancelled'
      /** 页码 / page, from 1 (integer) */
      page?: string | number
      /** 每页 / page size, at most 100 (integer) */
      size?: string | number
    }
    answer: {
      items: {
        id: string
        chain: string
        network: string
        asset: string
        to_address: string
        amount: string
        fee: string
        /** 实际到账 / what arrives */
        amount_net: string
        status: 'submitted' | 'verification' | 'review' | 'approved' | 'processing' | 'confirming' | 'confirmed' | 'failed' | 'rejected' | 'cancelled'
        /** 状态说明 / why it is in this state; may be empty */
        reason: string
        /** 接下来 / what happens or is to be done next */
        next_step: string
        can_cancel: boolean
        tx_hash: string | null
        explorer_url: string | null
        confirmations: number
        confirmations_required: number
        created_at: string
        settled_at: string | null
      }[]
      page: number
      size: number
    }
  }
  /** 提现详情与时间线 / One withdrawal with its timeline. `GET /api/withdrawal/usdt/orders/{id}` */
  getWithdrawal: {
    input: {
      id: string
    }
    answer: {
      id: string
      chain: string
      network: string
      asset: string
      to_address: string
      amount: string
      fee: string
      /** 实际到账 / what arrives */
      amount_net: string
      status: 'submitted' | 'verification' | 'review' | 'approved' | 'processing' | 'confirming' | 'confirmed' | 'failed' | 'rejected' | 'cancelled'
      /** 状态说明 / why it is in this state; may be empty */
      reason: string
      /** 接下来 / what happens or is to be done next */
      next_step: string
      can_cancel: boolean
      tx_hash: string | null
      explorer_url: string | null
      confirmations: number
      confirmations_required: number
      created_at: string
      settled_at: string | null
      timeline: {
        status: 'submitted' | 'verification' | 'review' | 'approved' | 'processing' | 'confirming' | 'confirmed' | 'failed' | 'rejected' | 'cancelled'
        at: string
        reason: string
        next_step: string
        tx_hash: string | null
      }[]
    }
  }
  /** 确认程序发起的提现 / Confirm a withdrawal that a program asked for. `POST /api/withdrawal/usdt/orders/{id}/confirm` */
  confirmWithdrawal: {
    input: {
      id: string
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      id: string
      chain: string
      network: string
      asset: string
      to_address: string
      amount: string
      fee: string
      /** 实际到账 / what arrives */
      amount_net: string
      status: 'submitted' | 'verification' | 'review' | 'approved' | 'processing' | 'confirming' | 'confirmed' | 'failed' | 'rejected' | 'cancelled'
      /** 状态说明 / why it is in this state; may be empty */
      reason: string
      /** 接下来 / what happens or is to be done next */
      next_step: string
      can_cancel: boolean
      tx_hash: string | null
      explorer_url: string | null
      confirmations: number
      confirmations_required: number
      created_at: string
      settled_at: string | null
    }
  }
  /** 取消提现(发送前)/ Cancel a withdrawal that is not sent yet. `POST /api/withdrawal/usdt/orders/{id}/cancel` */
  cancelWithdrawal: {
    input: {
      id: string
    }
    answer: {
      id: string
      chain: string
      network: string
      asset: string
      to_address: string
      amount: string
      fee: string
      /** 实际到账 / what arrives */
      amount_net: string
      status: 'submitted' | 'verification' | 'review' | 'approved' | 'processing' | 'confirming' | 'confirmed' | 'failed' | 'rejected' | 'cancelled'
      /** 状态说明 / why it is in this state; may be empty */
      reason: string
      /** 接下来 / what happens or is to be done next */
      next_step: string
      can_cancel: boolean
      tx_hash: string | null
      explorer_url: string | null
      confirmations: number
      confirmations_required: number
      created_at: string
      settled_at: string | null
    }
  }
  /** 提现地址簿 / Address book. `GET /api/withdrawal/addresses` */
  listWithdrawalAddresses: {
    input: {
      /** 链 / network: BSC, TRX, ETH */
      chain?: string
    }
    answer: {
      id: string
      chain: string
      address: string
      label: string
      created_at: string
      usable_at: string
    }[]
  }
  /** 添加提现地址 / Add an address. `POST /api/withdrawal/addresses` */
  addWithdrawalAddress: {
    input: {
      /** 链 / network: BSC, TRX, ETH */
      chain: string
      address: string
      /** 备注名 / label, at most 40 characters */
      label: string
      confirm_lookalike?: boolean
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      id: string
      chain: string
      address: string
      label: string
      created_at: string
      usable_at: string
    }
  }
  /** 修改备注名 / Change the label. `PUT /api/withdrawal/addresses/{id}` */
  labelWithdrawalAddress: {
    input: {
      id: string
      /** 备注名 / label, at most 40 characters */
      label: string
    }
    answer: {
      id: string
      chain: string
      address: string
      label: string
      created_at: string
      usable_at: string
    }
  }
  /** 删除提现地址 / Take an address out. `DELETE /api/withdrawal/addresses/{id}` */
  removeWithdrawalAddress: {
    input: {
      id: string
    }
    answer: undefined
  }
  /** 地址白名单模式 / Allow-list mode. `GET /api/withdrawal/allow-list` */
  getAllowList: {
    input: Record<string, never>
    answer: {
      enabled: boolean
      /** 将于何时关闭 / when it ends, if that was asked for */
      off_at: string | null
    }
  }
  /** 开启或关闭地址白名单 / Switch allow-list mode. `POST /api/withdrawal/allow-list` */
  switchAllowList: {
    input: {
      enabled: boolean
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      enabled: boolean
      /** 将于何时关闭 / when it ends, if that was asked for */
      off_at: string | null
    }
  }
  /** 按 UID 查找收款人 / Find a recipient by UID. `GET /api/transfer/lookup` */
  lookUpRecipient: {
    input: {
      /** 对方 UID / UID, e.g. U10002 */
      q: string
    }
    answer: {
      uid: string
      user_id: string
      name_masked: string
      avatar_color: string
    }
  }
  /** 站内转账 / Send to another customer. `POST /api/transfer` */
  sendTransfer: {
    input: {
      to_user_id: string
      /** decimal string */
      amount: string
      memo?: string
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      transfer_id: string
      amount: string
      fee: string
      status: 'success'
      created_at: string
    }
  }
  /** 转账记录 / Payments sent and received. `GET /api/transfer/orders` */
  listTransfers: {
    input: {
      /** 页码 / page, from 1 (integer) */
      page?: string | number
      /** 每页 / page size, at most 100 (integer) */
      size?: string | number
    }
    answer: {
      items: {
        id: string
        to_user_id: string
        from_uid: string
        to_uid: string
        direction: 'in' | 'out'
        amount: string
        fee: string
        memo: string
        status: string
        created_at: string
      }[]
      page: number
      size: number
    }
  }
  /** 收款人列表 / Recipients, newest first. `GET /api/remittance/recipients` */
  listRecipients: {
    input: Record<string, never>
    answer: {
      id: string
      nickname: string
      account_holder: string
      /** 银行码 / code of the bank */
      bank_name: string
      /** masked */
      account_number: string
      account_currency_code: string
      cnaps_code: string
      review_status: 'pending' | 'approved' | 'rejected'
      /** 未通过原因 / why it was declined; may be empty */
      review_reason: string
      status: 'active'
      created_at: string
    }[]
  }
  /** 新增收款人,审核通过后可汇款 / Add a recipient; it is reviewed before anything can be sent to it. `POST /api/remittance/recipients` */
  addRecipient: {
    input: {
      /** 收款人姓名 */
      account_holder: string
      /** 账号 */
      account_number: string
      /** 银行:名称、银行码或 SWIFT / name, code or SWIFT of a bank in the directory */
      bank_name: string
      /** 证件号 */
      id_number: string
      /** 手机号 */
      msisdn: string
      /** 邮箱 */
      email: string
      /** 币种:CNH 或 CNY */
      account_currency_code: string
      /** 备注名 */
      nickname?: string
      /** 联行号 / number of the branch */
      cnaps_code?: string
    }
    answer: {
      id: string
      nickname: string
      account_holder: string
      /** 银行码 / code of the bank */
      bank_name: string
      /** masked */
      account_number: string
      account_currency_code: string
      cnaps_code: string
      review_status: 'pending' | 'approved' | 'rejected'
      /** 未通过原因 / why it was declined; may be empty */
      review_reason: string
      status: 'active'
      created_at: string
    }
  }
  /** 修改收款人,需重新审核 / Change what is named; it is reviewed anew. `PUT /api/remittance/recipients/{id}` */
  changeRecipient: {
    input: {
      id: string
      /** 收款人姓名 */
      account_holder?: string
      /** 账号 */
      account_number?: string
      /** 银行:名称、银行码或 SWIFT / name, code or SWIFT of a bank in the directory */
      bank_name?: string
      /** 证件号 */
      id_number?: string
      /** 手机号 */
      msisdn?: string
      /** 邮箱 */
      email?: string
      /** 币种:CNH 或 CNY */
      account_currency_code?: string
      /** 备注名 */
      nickname?: string
      /** 联行号 / number of the branch */
      cnaps_code?: string
    }
    answer: {
      id: string
      nickname: string
      account_holder: string
      /** 银行码 / code of the bank */
      bank_name: string
      /** masked */
      account_number: string
      account_currency_code: string
      cnaps_code: string
      review_status: 'pending' | 'approved' | 'rejected'
      /** 未通过原因 / why it was declined; may be empty */
      review_reason: string
      status: 'active'
      created_at: string
    }
  }
  /** 修改收款人,需重新审核 / Change what is named; it is reviewed anew. `PATCH /api/remittance/recipients/{id}` */
  patchRecipient: {
    input: {
      id: string
      /** 收款人姓名 */
      account_holder?: string
      /** 账号 */
      account_number?: string
      /** 银行:名称、银行码或 SWIFT / name, code or SWIFT of a bank in the directory */
      bank_name?: string
      /** 证件号 */
      id_number?: string
      /** 手机号 */
      msisdn?: string
      /** 邮箱 */
      email?: string
      /** 币种:CNH 或 CNY */
      account_currency_code?: string
      /** 备注名 */
      nickname?: string
      /** 联行号 / number of the branch */
      cnaps_code?: string
    }
    answer: {
      id: string
      nickname: string
      account_holder: string
      /** 银行码 / code of the bank */
      bank_name: string
      /** masked */
      account_number: string
      account_currency_code: string
      cnaps_code: string
      review_status: 'pending' | 'approved' | 'rejected'
      /** 未通过原因 / why it was declined; may be empty */
      review_reason: string
      status: 'active'
      created_at: string
    }
  }
  /** 删除收款人 / Remove a recipient. `DELETE /api/remittance/recipients/{id}` */
  removeRecipient: {
    input: {
      id: string
    }
    answer: {
      ok: true
    }
  }
  /** 银行目录,可按中文、拼音、英文或代码搜索 / Banks, by Chinese, pinyin, English or code. `GET /api/remittance/banks` */
  listBanks: {
    input: {
      /** 关键词 */
      q?: string
    }
    answer: {
      bank_code: string
      name: string
      name_en: string
      swift_code: string
    }[]
  }
  /** 支行与联行号 / Branches with their CNAPS numbers, at most 50. `GET /api/remittance/banks/branches` */
  listBankBranches: {
    input: {
      /** 银行码 */
      bank_code?: string
      /** 关键词 */
      q?: string
      /** 联行号 */
      cnaps?: string
    }
    answer: {
      cnaps_code: string
      bank_code: string
      bank_name: string
    }[]
  }
  /** 汇款预览 / What a remittance costs and what arrives. `POST /api/remittance/preview` */
  previewRemittance: {
    input: {
      /** 收款人 */
      recipient_id: string
      /** decimal string */
      amount: string
    }
    answer: {
      quote_id: string
      expires_at: string
      principal: string
      /** principal × rate,舍去分以下 / rounded down to the fen */
      recipient_cnh: string
      /** 1 USDT 兑 CNH / CNH for one USDT */
      rate: string
      rate_at: string
      fee_usdt: string
      /** principal + fee_usdt */
      total_debit: string
      /** fee_usdt × rate,进位到分 / rounded up to the fen */
      display_fee_cny: string
    }
  }
  /** 汇款预览 / What a remittance costs and what arrives. `GET /api/remittance/preview` */
  getRemittancePreview: {
    input: {
      /** 收款人 */
      recipient_id: string
      /** decimal string */
      amount: string
    }
    answer: {
      quote_id: string
      expires_at: string
      principal: string
      /** principal × rate,舍去分以下 / rounded down to the fen */
      recipient_cnh: string
      /** 1 USDT 兑 CNH / CNH for one USDT */
      rate: string
      rate_at: string
      fee_usdt: string
      /** principal + fee_usdt */
      total_debit: string
      /** fee_usdt × rate,进位到分 / rounded up to the fen */
      display_fee_cny: string
    }
  }
  /** 提交汇款 / Send a remittance. `POST /api/remittance/submit` */
  submitRemittance: {
    input: {
      /** 收款人 */
      recipient_id: string
      /** decimal string */
      amount: string
      quote_id?: string
      /** decimal string */
      expected_total_debit?: string
      /** decimal string */
      expected_recipient_cnh?: string
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      id: string
      principal_usdt: string
      fee_usdt: string
      total_debit: string
      rate: string
      amount_cnh: string
      status: 'review' | 'processing' | 'completed' | 'failed' | 'rejected' | 'returned'
      created_at: string
    }
  }
  /** 汇款订单 / Remittances, newest first. `GET /api/remittance/orders` */
  listRemittances: {
    input: {
      /** 页码 / page, from 1 (integer) */
      page?: string | number
      /** 每页 / page size, at most 100 (integer) */
      size?: string | number
    }
    answer: {
      items: {
        id: string
        recipient_id: string
        account_holder: string
        bank_name: string
        /** masked */
        account_number: string
        principal_usdt: string
        fee_usdt: string
        total_debit: string
        rate: string
        amount_cnh: string
        status: 'review' | 'processing' | 'completed' | 'failed' | 'rejected' | 'returned'
        /** 状态说明 / why it is in this state; may be empty */
        reason: string
        /** 接下来 / what happens or is to be done next */
        next_step: string
        created_at: string
        settled_at: string | null
      }[]
      page: number
      size: number
    }
  }
  /** 汇款订单详情与时间线 / One remittance with its timeline. `GET /api/remittance/orders/{id}` */
  showRemittance: {
    input: {
      id: string
    }
    answer: {
      id: string
      recipient_id: string
      account_holder: string
      bank_name: string
      /** masked */
      account_number: string
      principal_usdt: string
      fee_usdt: string
      total_debit: string
      rate: string
      amount_cnh: string
      status: 'review' | 'processing' | 'completed' | 'failed' | 'rejected' | 'returned'
      /** 状态说明 / why it is in this state; may be empty */
      reason: string
      /** 接下来 / what happens or is to be done next */
      next_step: string
      created_at: string
      settled_at: string | null
      timeline: {
        status: 'review' | 'processing' | 'completed' | 'failed' | 'rejected' | 'returned'
        reason: string
        next_step: string
        at: string
      }[]
    }
  }
  /** 汇款回单(PDF),完成后可下载 / The receipt of a completed remittance, as PDF. `GET /api/remittance/orders/{id}/receipt` */
  getRemittanceReceipt: {
    input: {
      id: string
    }
    answer: Uint8Array
  }
  /** 卡账户状态与余额 / The card account and its balance. `GET /api/card/account` */
  showCardAccount: {
    input: Record<string, never>
    answer: {
      status: 'none' | 'applying' | 'incomplete' | 'success' | 'failed'
      card_balance: string
      cardholder_id: string
      /** 核验链接,无或已过期时为空 / empty when there is none, or it ran out */
      idv_url: string
      idv_expires_at: string
      /** 接下来 / what to do next */
      next_step: string
    }
  }
  /** 开通卡账户 / Open a card account at the issuer. `POST /api/card/account` */
  openCardAccount: {
    input: {
      /** 名(拼音)/ given name in Latin letters */
      first_name: string
      /** 姓(拼音)/ family name in Latin letters */
      last_name: string
      /** 邮箱 / e-mail */
      email: string
      /** 国家码 ISO2 / country of the telephone */
      country_code: string
      /** 手机号 / telephone without the calling code */
      phone_number: string
      /** 生日 YYYY-MM-DD */
      date_of_birth: string
      /** 国籍 ISO2 / nationality */
      nationality: string
      id_type: 'ID_CARD' | 'PASSPORT'
      /** 证件号 / number of the document */
      id_number: string
      /** 证件正面 base64 / its front */
      id_front: string
      /** 地址国家 ISO2 */
      addr_country: string
      /** 省/州 */
      addr_state: string
      /** 城市 */
      addr_city: string
      /** 地址行 */
      addr_line1: string
      /** 英文地址 / in Latin letters */
      addr_line_en: string
      /** 邮编 */
      addr_postal_code: string
    }
    answer: {
      status: 'none' | 'applying' | 'incomplete' | 'success' | 'failed'
      card_balance: string
      cardholder_id: string
      /** 核验链接,无或已过期时为空 / empty when there is none, or it ran out */
      idv_url: string
      idv_expires_at: string
      /** 接下来 / what to do next */
      next_step: string
    }
  }
  /** 充值到卡账户 / Top up the card account; money only goes in. `POST /api/card/transfer` */
  topUpCard: {
    input: {
      from: 'main' | 'node'
      to: 'card'
      /** decimal string */
      amount: string
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      transfer_id: string
      amount: string
      fee: string
      /** held:等待发卡方确认 / held: the issuer is being asked */
      status: 'held' | 'completed'
    }
  }
  /** 开卡 / Ask for a card. `POST /api/card/cards` */
  requestCard: {
    input: {
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      card_id: string
      status: 'pending'
    }
  }
  /** 我的卡 / My cards. `GET /api/card/cards` */
  listCards: {
    input: Record<string, never>
    answer: {
      items: {
        id: string
        status: string
        currency: string
        /** 可用额度 / what it can still pay */
        card_limit: string
        masked_pan: string
        created_at: string
      }[]
    }
  }
  /** 一次性卡号页面 / A page of the issuer that shows the number, once, for a minute. `POST /api/card/cards/{id}/secure-token` */
  showCardNumber: {
    input: {
      id: string
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      iframe_url: string
      expires_at: string
    }
  }
  /** 冻结卡 / Freeze a card. `POST /api/card/cards/{id}/freeze` */
  freezeCard: {
    input: {
      id: string
    }
    answer: {
      id: string
      status: string
    }
  }
  /** 解冻卡 / Let a frozen card go again. `POST /api/card/cards/{id}/unfreeze` */
  unfreezeCard: {
    input: {
      id: string
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      id: string
      status: string
    }
  }
  /** 卡账单 / What was done with the card. `GET /api/card/transactions` */
  listCardTransactions: {
    input: {
      /** 页码 / page, from 1 (integer) */
      page?: string | number
      /** 每页 / page size, at most 100 (integer) */
      size?: string | number
    }
    answer: {
      items: {
        transaction_id: string
        card_id: string
        type: string
        status: string
        billing_amount: string
        billing_currency: string
        merchant_name: string
        /** 被拒原因 / why it was declined; else empty */
        reason: string
        /** 该笔之后 / after it, as the issuer says */
        available_balance: string
        transaction_time: string
      }[]
      has_more: boolean
      available_balance: string
      page: number
      size: number
    }
  }
  /** 安全状态 / Security status. `GET /api/security/status` */
  getSecurityStatus: {
    input: Record<string, never>
    answer: {
      payment_password_set: boolean
      totp_enabled: boolean
      login_password_set: boolean
      login2fa: {
        sms: boolean
        email: boolean
      }
      payment_password_locked_until: string | null
      money_out_held_until: string | null
    }
  }
  /** 设置或修改支付密码 / Set or change the payment password. `POST /api/security/payment-password` */
  changePaymentPassword: {
    input: {
      /** 登录密码 / login password */
      login_password?: string
      /** 支付密码 / payment PIN */
      old_payment_password?: string
      /** 新支付密码(6 位数字) / new PIN, six digits */
      new_pin: string
      /** 验证码 / code */
      code?: string
    }
    answer: undefined
  }
  /** 生成 TOTP 密钥 / Make a TOTP secret. `POST /api/security/2fa/setup` */
  setUpTotp: {
    input: {
      /** 登录密码 / login password */
      login_password: string
    }
    answer: {
      secret: string
      otpauth_uri: string
    }
  }
  /** 确认开启 TOTP / Confirm TOTP with a code. `POST /api/security/2fa/confirm` */
  confirmTotp: {
    input: {
      /** TOTP */
      code: string
    }
    answer: undefined
  }
  /** 关闭 TOTP / Switch TOTP off. `POST /api/security/2fa/disable` */
  disableTotp: {
    input: {
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: undefined
  }
  /** 安全日志 / Security log. `GET /api/security/log` */
  listSecurityLog: {
    input: {
      /** 页码 / page, from 1 (integer) */
      page?: string | number
      /** 每页 / page size, at most 100 (integer) */
      size?: string | number
    }
    answer: {
      event_type: string
      ip: string
      device: string
      created_at: string
    }[]
  }
  /** 实名认证状态 / Where the identity checks stand. `GET /api/kyc/me` */
  showIdentity: {
    input: Record<string, never>
    answer: {
      level: string
      stage1: {
        /** pending, approved, rejected */
        status: string
        updated_at: string
        /** 未通过原因 / why it was turned away */
        reason: string
        /** 下一步 / what to do next */
        next_step: string
      } | null
      stage2: {
        /** pending, approved, rejected */
        status: string
        updated_at: string
        /** 未通过原因 / why it was turned away */
        reason: string
        /** 下一步 / what to do next */
        next_step: string
      } | null
    }
  }
  /** 提交基础实名 / Submit the basic identity check. `POST /api/kyc/basic` */
  submitIdentity: {
    input: {
      /** 真实姓名 */
      real_name: string
      /** 证件类型:ID_CARD、PASSPORT */
      id_type: string
      /** 证件号 */
      id_number: string
      /** 证件正面 key */
      id_photo_front: string
      /** 证件背面 key */
      id_photo_back?: string
      /** 地址 */
      address: string
      /** 联系方式 */
      contact: string
    }
    answer: {
      status: string
      created_at: string
    }
  }
  /** 查看自己上传的证件照 / A picture that you sent, as an attachment. `GET /api/kyc/file` */
  showIdentityFile: {
    input: {
      /** 上传得到的 key */
      key: string
    }
    answer: Uint8Array
  }
  /** 站内信列表 / Messages, newest first. `GET /api/inbox` */
  listInbox: {
    input: {
      /** 页码 / page, from 1 (integer) */
      page?: string | number
      /** 每页 / page size, at most 100 (integer) */
      size?: string | number
    }
    answer: {
      id: number
      type: string
      title: string
      body: string
      read: boolean
      created_at: string
    }[]
  }
  /** 未读数 / Unread messages. `GET /api/inbox/unread_count` */
  countUnread: {
    input: Record<string, never>
    answer: {
      count: number
    }
  }
  /** 标为已读 / Mark a message read. `POST /api/inbox/{id}/read` */
  markRead: {
    input: {
      id: string
    }
    answer: undefined
  }
  /** 全部已读 / Mark all read. `POST /api/inbox/read_all` */
  markAllRead: {
    input: Record<string, never>
    answer: undefined
  }
  /** 通知设置 / By which ways I hear of money. `GET /api/user/notices` */
  getNotices: {
    input: Record<string, never>
    answer: {
      /** 已验证的联系方式 / contacts that are proved */
      ways: {
        email: boolean
        sms: boolean
      }
      topics: {
        money_in: {
          email: boolean
          sms: boolean
          /** 起始金额 / from this amount on; failures and declines always */
          from: string
        }
        money_out: {
          email: boolean
          sms: boolean
          /** 起始金额 / from this amount on; failures and declines always */
          from: string
        }
        card: {
          email: boolean
          sms: boolean
          /** 起始金额 / from this amount on; failures and declines always */
          from: string
        }
        earnings: {
          email: boolean
          sms: boolean
          /** 起始金额 / from this amount on; failures and declines always */
          from: string
        }
      }
    }
  }
  /** 修改通知设置;null 恢复默认;安全通知不可关闭 / Change it; null is the default; messages about security cannot be switched off. `PATCH /api/user/notices` */
  setNotices: {
    input: {
      topics: {
        money_in?: {
          email?: boolean
          sms?: boolean
          /** decimal string */
          from?: string
        }
        money_out?: {
          email?: boolean
          sms?: boolean
          /** decimal string */
          from?: string
        }
        card?: {
          email?: boolean
          sms?: boolean
          /** decimal string */
          from?: string
        }
        earnings?: {
          email?: boolean
          sms?: boolean
          /** decimal string */
          from?: string
        }
      }
    }
    answer: {
      /** 已验证的联系方式 / contacts that are proved */
      ways: {
        email: boolean
        sms: boolean
      }
      topics: {
        money_in: {
          email: boolean
          sms: boolean
          /** 起始金额 / from this amount on; failures and declines always */
          from: string
        }
        money_out: {
          email: boolean
          sms: boolean
          /** 起始金额 / from this amount on; failures and declines always */
          from: string
        }
        card: {
          email: boolean
          sms: boolean
          /** 起始金额 / from this amount on; failures and declines always */
          from: string
        }
        earnings: {
          email: boolean
          sms: boolean
          /** 起始金额 / from this amount on; failures and declines always */
          from: string
        }
      }
    }
  }
  /** 储备金快照 / Snapshots of reserves, newest first. `GET /api/reserves` */
  listReserves: {
    input: {
      /** 页码 / page, from 1 (integer) */
      page?: string | number
      /** 每页 / page size, at most 100 (integer) */
      size?: string | number
    }
    answer: {
      items: {
        id: string
        at: string
        size: number
        root: string
        assets: {
          asset: string
          liabilities: string
          holdings: string
          paid_not_booked: string
        }[]
        places: {
          network: string
          asset: string
          block: number
          addresses: number
          amount: string
        }[]
        payments: {
          network: string
          asset: string
          tx_hash: string
          amount: string
        }[]
      }[]
      page: number
      size: number
    }
  }
  /** 储备金地址 / Addresses of a snapshot and what each held. `GET /api/reserves/addresses` */
  listReserveAddresses: {
    input: {
      /** id of a snapshot; else the newest */
      snapshot?: string
      /** 页码 / page, from 1 (integer) */
      page?: string | number
      /** 每页 / page size, at most 100 (integer) */
      size?: string | number
    }
    answer: {
      snapshot: string
      items: {
        network: string
        asset: string
        address: string
        purpose: string
        chain_units: string
      }[]
      page: number
      size: number
    }
  }
  /** 本人的储备金证明 / Proof that one’s own balance is part of a snapshot; verify it with @unipay/sdk. `GET /api/reserves/proof` */
  getReserveProof: {
    input: {
      /** id of a snapshot; else the newest */
      snapshot?: string
    }
    answer: {
      format: 'unipay-reserve-proof'
      version: 1
      snapshot: {
        book: number
        id: string
        at: string
        size: number
        assets: string[]
      }
      leaf: {
        index: number
        uid: string
        salt: string
        units: string[]
      }
      siblings: {
        hash: string
        units: string[]
      }[]
      root: string
      liabilities: string[]
    }
  }
  /** API 密钥列表 / API keys. `GET /api/api-keys` */
  listApiKeys: {
    input: Record<string, never>
    answer: {
      /** api-key */
      id: string
      name: string
      scopes: ('read' | 'transfer' | 'withdraw')[]
      /** 空为不限 / empty: from anywhere */
      ips: string[]
      expires_at: string | null
      /** 旧私钥有效至 / until when the old secret counts */
      previous_secret_until: string | null
      created_at: string
      rotated_at: string | null
      last_used_at: string | null
      last_used_ip: string | null
    }[]
  }
  /** 创建 API 密钥 / Make an API key. `POST /api/api-keys` */
  createApiKey: {
    input: {
      /** 名称 / name, at most 40 characters */
      name: string
      scopes: ('read' | 'transfer' | 'withdraw')[]
      ips?: string[]
      /** 到期时间;无 IP 白名单时最长 90 天 / at most 90 days without a list of addresses */
      expires_at?: string
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      /** api-key */
      id: string
      name: string
      scopes: ('read' | 'transfer' | 'withdraw')[]
      /** 空为不限 / empty: from anywhere */
      ips: string[]
      expires_at: string | null
      /** 旧私钥有效至 / until when the old secret counts */
      previous_secret_until: string | null
      created_at: string
      rotated_at: string | null
      last_used_at: string | null
      last_used_ip: string | null
      /** 仅显示一次 / shown this once */
      secret: string
    }
  }
  /** 修改权限、白名单、到期时间 / Change what a key may do. `PUT /api/api-keys/{id}` */
  changeApiKey: {
    input: {
      id: string
      /** 名称 / name, at most 40 characters */
      name?: string
      scopes?: ('read' | 'transfer' | 'withdraw')[]
      ips?: string[]
      /** 到期时间;无 IP 白名单时最长 90 天 / at most 90 days without a list of addresses */
      expires_at?: string
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      /** api-key */
      id: string
      name: string
      scopes: ('read' | 'transfer' | 'withdraw')[]
      /** 空为不限 / empty: from anywhere */
      ips: string[]
      expires_at: string | null
      /** 旧私钥有效至 / until when the old secret counts */
      previous_secret_until: string | null
      created_at: string
      rotated_at: string | null
      last_used_at: string | null
      last_used_ip: string | null
    }
  }
  /** 撤销 API 密钥 / Revoke a key. `DELETE /api/api-keys/{id}` */
  revokeApiKey: {
    input: {
      id: string
    }
    answer: undefined
  }
  /** 更换私钥 / Give a key a new secret. `POST /api/api-keys/{id}/rotate` */
  rotateApiKey: {
    input: {
      id: string
      /** 旧私钥继续有效的小时数 / default 24 */
      overlap_hours?: number
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      /** api-key */
      id: string
      name: string
      scopes: ('read' | 'transfer' | 'withdraw')[]
      /** 空为不限 / empty: from anywhere */
      ips: string[]
      expires_at: string | null
      /** 旧私钥有效至 / until when the old secret counts */
      previous_secret_until: string | null
      created_at: string
      rotated_at: string | null
      last_used_at: string | null
      last_used_ip: string | null
      /** 仅显示一次 / shown this once */
      secret: string
    }
  }
  /** 我的 Webhook / Own endpoints, at most 10. `GET /api/webhooks` */
  listWebhooks: {
    input: Record<string, never>
    answer: {
      id: string
      url: string
      description: string
      /** empty: all */
      types: string[]
      scheme: 'hmac' | 'ed25519'
      /** whpk_…, for ed25519 */
      public_key: string | null
      status: 'active' | 'disabled'
      /** owner, failures, operator */
      disabled_for: string
      failing_since: string | null
      previous_key_until: string | null
      created_at: string
    }[]
  }
  /** 添加 Webhook / Add an endpoint. `POST /api/webhooks` */
  addWebhook: {
    input: {
      url: string
      description?: string
      /** 事件类型或分组,空为全部 / types or groups such as card.*; empty: all. deposit.detected, deposit.credited, deposit.orphaned, deposit.reversed, transfer.completed, transfer.internal, withdrawal.submitted, withdrawal.verification, withdrawal.review, withdrawal.approved, withdrawal.broadcast, withdrawal.confirming, withdrawal.confirmed, withdrawal.failed, withdrawal.rejected, withdrawal.cancelled, remittance.submitted, remittance.review, remittance.processing, remittance.completed, remittance.failed, remittance.rejected, remittance.returned, recipient.approved, recipient.rejected, card.account.updated, card.activated, card.updated, card.transaction.approved, card.transaction.declined, card.transaction.pending, card.topup.held, card.topup.uncertain, card.topup.sent, card.topup.completed, card.topup.failed, node.bought, cashback.paid, commission.paid, commission.reversed, yield.paid, level.changed, kyc.updated, ramp.order.updated, ping */
      types?: string[]
      scheme?: 'hmac' | 'ed25519'
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      endpoint: {
        id: string
        url: string
        description: string
        /** empty: all */
        types: string[]
        scheme: 'hmac' | 'ed25519'
        /** whpk_…, for ed25519 */
        public_key: string | null
        status: 'active' | 'disabled'
        /** owner, failures, operator */
        disabled_for: string
        failing_since: string | null
        previous_key_until: string | null
        created_at: string
      }
      /** 仅此一次展示 / shown this once: whsec_… (hmac) or whpk_… (ed25519) */
      key: string
    }
  }
  /** Webhook 详情 / One endpoint. `GET /api/webhooks/{id}` */
  getWebhook: {
    input: {
      id: string
    }
    answer: {
      id: string
      url: string
      description: string
      /** empty: all */
      types: string[]
      scheme: 'hmac' | 'ed25519'
      /** whpk_…, for ed25519 */
      public_key: string | null
      status: 'active' | 'disabled'
      /** owner, failures, operator */
      disabled_for: string
      failing_since: string | null
      previous_key_until: string | null
      created_at: string
    }
  }
  /** 修改、停用或启用 / Change, disable, enable. `PUT /api/webhooks/{id}` */
  changeWebhook: {
    input: {
      id: string
      url?: string
      description?: string
      /** 事件类型或分组,空为全部 / types or groups such as card.*; empty: all. deposit.detected, deposit.credited, deposit.orphaned, deposit.reversed, transfer.completed, transfer.internal, withdrawal.submitted, withdrawal.verification, withdrawal.review, withdrawal.approved, withdrawal.broadcast, withdrawal.confirming, withdrawal.confirmed, withdrawal.failed, withdrawal.rejected, withdrawal.cancelled, remittance.submitted, remittance.review, remittance.processing, remittance.completed, remittance.failed, remittance.rejected, remittance.returned, recipient.approved, recipient.rejected, card.account.updated, card.activated, card.updated, card.transaction.approved, card.transaction.declined, card.transaction.pending, card.topup.held, card.topup.uncertain, card.topup.sent, card.topup.completed, card.topup.failed, node.bought, cashback.paid, commission.paid, commission.reversed, yield.paid, level.changed, kyc.updated, ramp.order.updated, ping */
      types?: string[]
      enabled?: boolean
      /** 支付密码 / payment PIN */
      payment_password?: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      id: string
      url: string
      description: string
      /** empty: all */
      types: string[]
      scheme: 'hmac' | 'ed25519'
      /** whpk_…, for ed25519 */
      public_key: string | null
      status: 'active' | 'disabled'
      /** owner, failures, operator */
      disabled_for: string
      failing_since: string | null
      previous_key_until: string | null
      created_at: string
    }
  }
  /** 删除 Webhook / Remove an endpoint. `DELETE /api/webhooks/{id}` */
  removeWebhook: {
    input: {
      id: string
    }
    answer: undefined
  }
  /** 轮换密钥 / A new key; the one before signs as well for 24 hours. `POST /api/webhooks/{id}/secret` */
  rotateWebhookSecret: {
    input: {
      id: string
      /** 支付密码 / payment PIN */
      payment_password: string
      /** TOTP */
      totp_code?: string
    }
    answer: {
      endpoint: {
        id: string
        url: string
        description: string
        /** empty: all */
        types: string[]
        scheme: 'hmac' | 'ed25519'
        /** whpk_…, for ed25519 */
        public_key: string | null
        status: 'active' | 'disabled'
        /** owner, failures, operator */
        disabled_for: string
        failing_since: string | null
        previous_key_until: string | null
        created_at: string
      }
      /** 仅此一次展示 / shown this once: whsec_… (hmac) or whpk_… (ed25519) */
      key: string
    }
  }
  /** 发送测试事件 / Send a ping. `POST /api/webhooks/{id}/test` */
  testWebhook: {
    input: {
      id: string
    }
    answer: {
      event_id: string
      type: string
      status: 'waiting' | 'delivered' | 'failed'
      attempts: number
      happened_at: string
      next_at: string | null
      settled_at: string | null
    }
  }
  /** 投递记录 / Deliveries, newest first, kept for 30 days. `GET /api/webhooks/{id}/deliveries` */
  listWebhookDeliveries: {
    input: {
      status?: 'waiting' | 'delivered' | 'failed'
      /** 页码 / page, from 1 (integer) */
      page?: string | number
      /** 每页 / page size, at most 100 (integer) */
      size?: string | number
      id: string
    }
    answer: {
      event_id: string
      type: string
      status: 'waiting' | 'delivered' | 'failed'
      attempts: number
      happened_at: string
      next_at: string | null
      settled_at: string | null
    }[]
  }
  /** 一次投递及其每次尝试 / One delivery: what is sent, and every attempt. `GET /api/webhooks/{id}/deliveries/{event_id}` */
  getWebhookDelivery: {
    input: {
      id: string
      event_id: string
    }
    answer: {
      delivery: {
        event_id: string
        type: string
        status: 'waiting' | 'delivered' | 'failed'
        attempts: number
        happened_at: string
        next_at: string | null
        settled_at: string | null
      }
      payload: {
        type: string
        timestamp: string
        data: Record<string, unknown>
      }
      attempts: {
        no: number
        at: string
        ms: number
        /** ok, status, timeout, connection, address, unresolved … */
        outcome: string
        http_status: number | null
        snippet: string
      }[]
    }
  }
  /** 重新投递 / Send it again, under the same id. `POST /api/webhooks/{id}/deliveries/{event_id}/resend` */
  resendWebhookDelivery: {
    input: {
      id: string
      event_id: string
    }
    answer: {
      event_id: string
      type: string
      status: 'waiting' | 'delivered' | 'failed'
      attempts: number
      happened_at: string
      next_at: string | null
      settled_at: string | null
    }
  }
  /** 补拉事件 / Past events, oldest first, kept for 30 days. `GET /api/webhook-events` */
  listPastEvents: {
    input: {
      cursor?: string
      /** at most 100 */
      limit?: string | number
      type?: string
    }
    answer: {
      events: {
        id: string
        type: string
        timestamp: string
        data: Record<string, unknown>
      }[]
      next_cursor: string
      has_more: boolean
    }
  }
  /** 上传证件照 / Send a picture of a document. `POST /api/kyc/upload` */
  sendIdentityFile: {
    input: {
      /** 证件照 */
      file: Blob
    }
    answer: {
      key: string
    }
  }
}
