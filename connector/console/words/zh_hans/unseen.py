"""Simplified Chinese: what was not seen yet."""

WORDS = {
    "unseen.order": "尚未见到此订单",
    "unseen.why": "因此它没有变动任何积分。可能商店尚未告知，或编号不对；请用商店内部的订单 ID。",
    "unseen.read": "立即向商店读取",
    "unseen.customer": "顾客 {ref} 还不是会员",
    "unseen.consent": "须经本人同意。等待中的订单会随之处理。",
    "unseen.enrol": "加入会员",
    "refused.not-done": "未执行",
    "said.order-wished": "正在向商店读取。请一分钟后重新加载。",
    "said.enrolled": "该顾客已是会员。",
}
