// What the operations of the ramp API take and answer.
// Printed by npm run sdk out of the routes of the bank. Change those, not this file.

export interface RampOperations {
  /** 查询用户实名认证状态 / How the identity check of a user stands. `GET /user/findUserAuthStatus` */
  identityStatus: {
    input: {
      /** 账户(用户邮箱或者第三方唯一标识ID)/ e-mail address, or your own id of the user */
      account: string
      /** 渠道来源 / one of your sources */
      source: string
    }
    answer: {
      /** 0:待提交 1:审核通过 2:审核不通过 3:待审核 4:未认证 */
      cardStatus: string
    }
  }
  /** 生成一次性实名认证链接(30 分钟内打开一次)/ A link to the identity page that opens once, within 30 minutes. `POST /user/kycLink` */
  identityLink: {
    input: {
      /** 账户(用户邮箱或者第三方唯一标识ID)/ e-mail address, or your own id of the user */
      account: string
      /** 渠道来源 / one of your sources */
      source: string
    }
    answer: {
      url: string
      /** 有效期 / until when */
      expiresAt: number | null
    }
  }
  /** 查询收款信息 / Where fiat is paid to. `GET /transaction/getReceiveAccountInfo` */
  receiveAccount: {
    input: {
      /** 渠道来源 / one of your sources */
      source: string
    }
    answer: {
      cardStatus?: string
      receiveBankName: string
      receiveAccount: string
      receiveFirstName: string
      receiveMiddleName: string
      receiveLastName: string
      receiveCountry: string
      receiveProvince: string
      receiveCity: string
      receiveAddr: string
      receiveBankAddress: string
      bankCountryCode: string
      bankProvince: string
      bankCity: string
      bankSwiftCode: string
    }
  }
  /** 推送入金订单 / An order that brings fiat in. `POST /transaction/addChangeApplyOrder` */
  pushIn: {
    input: {
      /** 订单编号(长度40位以内)/ your order number, one order for ever */
      orderNo: string
      /** 账户(用户邮箱或者第三方唯一标识ID)/ e-mail address, or your own id of the user */
      account: string
      /** 渠道来源 / one of your sources */
      source: string
      /** 入金数量 / fiat in */
      legalAmount: string
      /** 法币类型 / fiat currency: php */
      fiatCurrency: string
      /** 国家代码 / country code */
      countryCode: string
      /** 汇款人名字 / first name of who pays */
      firstName: string
      /** 汇款人中间名,可为空 / middle name, may be empty */
      middleName: string
      /** 汇款人姓 / last name */
      lastName: string
      /** 生日 / birthday */
      birthDate: string
      /** 备注码 / what the payer writes on the bank transfer */
      noteCode: string
    }
    answer: {
      orderNo: string
    }
  }
  /** 推送出金订单 / An order that takes fiat out. `POST /transaction/addChangeApplySale` */
  pushOut: {
    input: {
      /** 订单编号(长度40位以内)/ your order number, one order for ever */
      orderNo: string
      /** 账户(用户邮箱或者第三方唯一标识ID)/ e-mail address, or your own id of the user */
      account: string
      /** 渠道来源 / one of your sources */
      source: string
      /** 出金数量 / USDT out */
      currencyAmount: string
      /** 法币类型 / fiat currency: php */
      fiatCurrency: string
      /** 收款账号 / account number */
      receiveAccount: string
      /** 收款者姓名 / name */
      receiveName: string
      /** 收款人名字 / first name */
      receiveFirstName: string
      /** 收款人中间名,可为空 / middle name, may be empty */
      receiveMiddleName: string
      /** 收款人姓氏 / last name */
      receiveLastName: string
      /** 生日 / birthday */
      receiveBirthDate: string
      /** 国家代码 / country code */
      receiveCountry: string
      /** 收款人省份 / province */
      receiveProvince?: string
      /** 收款人城市 / city */
      receiveCity?: string
      /** 收款人地址 / address */
      receiveAddr: string
      /** 收款银行名称 / bank */
      receiveBankName: string
      /** 收款银行地址 / its address */
      receiveBankAddress: string
      /** 国家代码 / country code */
      bankCountryCode: string
      /** 收款银行省份 / its province */
      bankProvince: string
      /** 收款银行城市 / its city */
      bankCity: string
      /** 收款银行支行名称 / branch */
      branchName: string
      /** SwiftCode */
      bankSwiftCode: string
    }
    answer: {
      orderNo: string
    }
  }
  /** 查询订单详情 / One of your orders. `GET /transaction/getOrderDetail` */
  order: {
    input: {
      /** 订单编号(长度40位以内)/ your order number, one order for ever */
      orderNo: string
      /** 渠道来源 / one of your sources */
      source: string
    }
    answer: {
      orderNo: string
      account: string
      legalCurrenyName: string
      legalAmount: string
      currencyAmount: string
      fee: string
      channelFeeRate: string
      channelFee: string
      exchRate: string
      buyType: string
      /** 申请时间 */
      dateCreate: number | null
      /** 1待审核 2审核不通过 3待打款(审核通过) 4待放币 5已放币 */
      applyStatus: string
      /** 1 入金 2 出金 */
      applyType: string
      receiveBankName: string
      receiveAccount: string
      receiveFirstName: string
      receiveMiddleName: string
      receiveLastName: string
      receiveCountry: string
      receiveProvince: string
      receiveCity: string
      receiveAddr: string
      receiveBankAddress: string
      bankCountryCode: string
      bankProvince: string
      bankCity: string
      bankSwiftCode: string
      receiveName: string
      receiveBirthDate: string
      branchName: string
      payFirstName: string
      payMiddleName: string
      payLastName: string
      payCountry: string
      payDirthDate: string
      noteCode: string
      /** 审核时间 */
      dateAudit: number | null
      /** 打款截止时间 */
      deadlinePay: number | null
      /** 打款时间 */
      timePay: number | null
      /** 放币时间 */
      timeIssue: number | null
      /** 放币类型:1手动 2自动 */
      loanType: string
    }
  }
}
