//! The stock from which people are made up.

/// Surnames with their pinyin as passports have it.
pub(crate) const SURNAMES: &[(&str, &str)] = &[
    ("王", "WANG"),
    ("李", "LI"),
    ("张", "ZHANG"),
    ("刘", "LIU"),
    ("陈", "CHEN"),
    ("杨", "YANG"),
    ("赵", "ZHAO"),
    ("黄", "HUANG"),
    ("周", "ZHOU"),
    ("吴", "WU"),
    ("徐", "XU"),
    ("孙", "SUN"),
    ("朱", "ZHU"),
    ("高", "GAO"),
    ("林", "LIN"),
    ("何", "HE"),
    ("梁", "LIANG"),
    ("宋", "SONG"),
    ("唐", "TANG"),
    ("韩", "HAN"),
    ("冯", "FENG"),
    ("曹", "CAO"),
    ("彭", "PENG"),
    ("欧阳", "OUYANG"),
    ("司马", "SIMA"),
];

/// Characters of given names.
pub(crate) const GIVEN: &[(&str, &str)] = &[
    ("伟", "WEI"),
    ("芳", "FANG"),
    ("娜", "NA"),
    ("敏", "MIN"),
    ("静", "JING"),
    ("强", "QIANG"),
    ("磊", "LEI"),
    ("洋", "YANG"),
    ("勇", "YONG"),
    ("艳", "YAN"),
    ("杰", "JIE"),
    ("娟", "JUAN"),
    ("涛", "TAO"),
    ("明", "MING"),
    ("超", "CHAO"),
    ("霞", "XIA"),
    ("平", "PING"),
    ("刚", "GANG"),
    ("兰", "LAN"),
    ("鹏", "PENG"),
    ("宇", "YU"),
    ("浩", "HAO"),
    ("然", "RAN"),
    ("涵", "HAN"),
    ("桐", "TONG"),
    ("梓", "ZI"),
    ("萱", "XUAN"),
    ("嘉", "JIA"),
    ("怡", "YI"),
    ("晨", "CHEN"),
];

/// Six-digit codes of GB/T 2260 with the place as an address begins, and the authority that issues there.
pub(crate) const PLACES: &[(u32, &str, &str)] = &[
    (110105, "北京市朝阳区", "北京市公安局朝阳分局"),
    (120101, "天津市和平区", "天津市公安局和平分局"),
    (210102, "辽宁省沈阳市和平区", "沈阳市公安局和平分局"),
    (310115, "上海市浦东新区", "上海市公安局浦东分局"),
    (320106, "江苏省南京市鼓楼区", "南京市公安局鼓楼分局"),
    (330106, "浙江省杭州市西湖区", "杭州市公安局西湖分局"),
    (350203, "福建省厦门市思明区", "厦门市公安局思明分局"),
    (370202, "山东省青岛市市南区", "青岛市公安局市南分局"),
    (420106, "湖北省武汉市武昌区", "武汉市公安局武昌分局"),
    (440305, "广东省深圳市南山区", "深圳市公安局南山分局"),
    (500103, "重庆市渝中区", "重庆市公安局渝中区分局"),
    (510104, "四川省成都市锦江区", "成都市公安局锦江分局"),
    (610113, "陕西省西安市雁塔区", "西安市公安局雁塔分局"),
    (650102, "新疆维吾尔自治区乌鲁木齐市天山区", "乌鲁木齐市公安局天山区分局"),
];

/// Roads that could be anywhere.
pub(crate) const ROADS: &[&str] =
    &["示范路", "安宁街", "和光大道", "青禾巷", "明湖北路", "长乐新村", "学苑街"];

/// 民族.
pub(crate) const ETHNICITIES: &[&str] =
    &["汉", "汉", "汉", "满", "回", "壮", "苗", "土家", "蒙古", "藏", "维吾尔"];
