"""Simplified Chinese: backups."""

WORDS = {
    "settings.backups": "备份",
    "settings.backups-text": "上次备份时间、内容以及如何恢复。",
    "backups.lead": "备份是整个数据库在某一时刻的状态，存于一个文件中。由运行本服务的人在服务运行时制作。",
    "backups.last": "最近一次",
    "backups.fresh": "一天之内",
    "backups.old": "超过一天",
    "backups.none": "未知",
    "backups.none-text": "未通过本服务自己的命令在此文件夹制作过备份。或许以其他方式制作：请询问运行服务的人。",
    "backups.when": "制作时间",
    "backups.ago.one": "{n} 小时前",
    "backups.ago.other": "{n} 小时前",
    "backups.where": "写入位置",
    "backups.bytes": "字节",
    "backups.entries": "账目条数",
    "backups.shared": "多个计划共用此安装，备份位置由运行者掌握。",
    "backups.holds": "包含什么",
    "backups.holds-text": "全部：会员、积分及其原因、订单、计划、人员和设置。个人信息与密钥以主密钥加密保存。",
    "backups.lacks": "不包含：主密钥（没有它无法打开备份）和删除日志（仅最新的有效）。请各自另存一份到其他地方。",
    "backups.make": "制作备份",
    "backups.make-text": "在运行服务的机器上；使用 deploy/belong-backup.timer 可每小时自动进行：",
    "backups.why-no-button": (
        "此处没有按钮也不提供下载。服务只知道自己的磁盘，放在原件旁边的副本会一同丢失；而持有备份的人就持有此安装"
        "的所有计划。"
    ),
    "backups.tried": "是否试过恢复？",
    "backups.tried-text": (
        "备份定名之前会检查其页面并读取全部账目。能否恢复，只有试过才知道，本服务也无从得知。请不时在单独的文件夹"
        "中试恢复，且不要在那里启动服务："
    ),
    "backups.back": "恢复全部",
    "backups.step-1": "在没有数据库的机器上安装相同或更新的版本。",
    "backups.step-2": "将主密钥和最新的删除日志放入其文件夹。",
    "backups.step-3": "恢复：会检查全部内容，并再次删除此后被删除的人。",
    "backups.step-4": "启动服务并读取商店，以获取此后发生的事情。",
}
