"""Words that contexts bring and templates translate, named here so that the catalogue of messages holds them.

A test compares them with the words in use.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

WORDS = (
    # lights
    _("已达成"), _("进度内"), _("落后"), _("严重落后"), _("到期未达"), _("达后回落"), _("尚早"),
    _("无数据"), _("口径不可比"),
    # measures
    _("达到"), _("新增"), _("累计"), _("每年"), _("增速"), _("占比"), _("位次"),
    # kinds of figures, and how sure
    _("公布数"), _("约数"), _("不少于"), _("初步数"), _("最终数"), _("已核对"), _("待核对"), _("把握不足"),
    # claims, targets, tasks, runs
    _("目标"), _("实际"), _("待核"), _("已采纳"), _("已否决"), _("有效"), _("已撤回"), _("进行中"),
    _("已办结"), _("已取消"), _("排队"), _("完成"), _("失败"),
    # relations
    _("重复"), _("接续"), _("冲突"), _("口径词不同"), _("相关但不是同一个数"),
    # roles
    _("市级管理员"), _("市级经办人"), _("责任部门"), _("县级市（区）"), _("只读"), _("审计"),
    # changes of catalogues
    _("保留"), _("更名"), _("合并"), _("拆分"), _("并入"), _("升格"), _("调整"), _("退出"),
    # areas
    _("国家"), _("省级"), _("地级市"), _("市辖区"), _("县级市"), _("功能区"), _("产业带"),
    # indicators
    _("越高越好"), _("越低越好"), _("不论高低"), _("期间数"), _("期末数"), _("比率"), _("下级相加"),
    _("分子合计÷分母合计"), _("不可由下级推算"),
    # deadlines
    _("已到期"), _("一年内到期"), _("一年以后到期"), _("无期限"),
)  # fmt: skip
