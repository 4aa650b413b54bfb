// What the operations of the platform API take and answer.
// Printed by npm run sdk out of the routes of the bank. Change those, not this file.

export interface PlatformOperations {
  /** 用户注册 / Registers a customer. `POST /platformapi/chainup/open/user/registration` */
  register: {
    input: {
      /** 手机号码,与 email 二选一 / or email */
      mobileNumber?: string
      /** 用户邮箱 / or mobileNumber */
      email?: string
      /** 手机号的国家拨号码 / dialling code */
      countryCode?: string
      /** 密码 / password */
      password: string
      /** 邀请码 / invite code */
      invitedCode: string
    }
    answer: {
      uid: number
      inviteCode: string
      openId: string
    }
  }
  /** 用户注册信息 / Customers who registered since an instant, oldest first. `POST /platformapi/chainup/open/user/reg_info_list` */
  listCustomers: {
    input: {
      /** 不填默认为 1 / 1 where nothing is said */
      page?: string
      /** 不填默认为 100,最多 100 / 100 at most */
      pageSize?: string
      /** 13 位时间戳 / ms */
      regStartTime: string
    }
    answer: {
      userInfoList: {
        uid: number
        mobileNumber: string
        email: string
        inviteCode: string
        /** 父级 uid,没有为 -1 / inviter, -1 for none */
        pid: string
        openId: string
      }[]
      count: number
    }
  }
  /** 邀请关系查询-上级 / Who invited a customer, up to five levels. `POST /platformapi/chainup/open/user/user_superior` */
  showSuperiors: {
    input: {
      /** 该用户在商户下的唯一 openId / unique with the merchant */
      openId?: string
      /** 用户 id / uid */
      uid?: string
      /** 手机号或者邮箱号 / phone number or e-mail address */
      emailOrPhone?: string
    }
    answer: {
      user: {
        uid: number
        inviteCode: string
        invitedCode: string
        invitedUid: number
      }
      level1?: {
        uid: number
        inviteCode: string
        invitedCode: string
        invitedUid: number
      }
      level2?: {
        uid: number
        inviteCode: string
        invitedCode: string
        invitedUid: number
      }
      level3?: {
        uid: number
        inviteCode: string
        invitedCode: string
        invitedUid: number
      }
      level4?: {
        uid: number
        inviteCode: string
        invitedCode: string
        invitedUid: number
      }
      level5?: {
        uid: number
        inviteCode: string
        invitedCode: string
        invitedUid: number
      }
    }
  }
  /** 邀请关系查询-下级 / Whom a customer invited, two levels. `POST /platformapi/chainup/open/user/user_invite` */
  showInvited: {
    input: {
      /** 该用户在商户下的唯一 openId / unique with the merchant */
      openId?: string
      /** 用户 id / uid */
      uid?: string
      /** 手机号或者邮箱号 / phone number or e-mail address */
      emailOrPhone?: string
      /** 空串默认为 1 / 1 where it is empty */
      page: string
      /** 空串默认为 100,最多 100 / 100 at most */
      pageSize: string
    }
    answer: {
      levelOneCount: number
      levelTwoCount: number
      cuerrentUser: {
        uid: number
        nickname: string
        inviteCode: string
        invitedUid: number
        invitedCode: string
        ctime: string
      }
      userExtInviteVoList: {
        uid: number
        nickname: string
        inviteCode: string
        level: number
        invitedUid: number
        invitedNickname: string
        invitedCode: string
        phone: string
        email: string
        /** UTC */
        ctime: string
        /** 最新 20 个 / newest 20 */
        childLevel: {
          uid: number
          nickname: string
          inviteCode: string
          level: number
          invitedUid: number
          invitedNickname: string
          invitedCode: string
          phone: string
          email: string
          /** UTC */
          ctime: string
        }[]
      }[]
    }
  }
  /** 用户实名 / Submits a customer’s identity for review. `POST /platformapi/chainup/open/user/verifyUserIdentity` */
  verifyIdentity: {
    input: {
      /** 用户 id / uid */
      uid: string
      /** 国家编码 / a listed country code */
      countryCode: string
      /** 证件号码 */
      certificateNumber: string
      familyName: string
      name: string
      /** 最多三个图片地址,逗号分隔;也可为 data:image/jpeg;base64,… / up to three addresses of pictures with commas between, or data: URLs */
      firstPhoto?: string
    }
    answer: undefined
  }
  /** 用户登录历史(明文)/ A customer’s sign-ins, newest first; in the clear, as the document has it. `POST /platformapi/chainup/open/user/getUserHistoryLogin` */
  loginHistory: {
    input: {
      /** 用户 id / uid */
      uid: string
      /** yyyy-MM-dd HH:mm:ss (UTC) */
      startDate?: string
      /** yyyy-MM-dd HH:mm:ss (UTC) */
      endDate?: string
    }
    answer: {
      count: number
      HistoryLogin: {
        id: number
        uid: number
        lgType: number
        lgPlatform: number
        lgSystem: string
        lgIp: string
        lgStatus: number
        lgInTime: number
      }[]
    }
  }
}
