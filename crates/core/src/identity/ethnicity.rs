//! 民族 as resident cards print it.

/// The 56 ethnic groups (GB/T 3304-1991), without 族, and the two further entries that cards carry.
pub const ETHNICITIES: [&str; 58] = [
    "汉",
    "蒙古",
    "回",
    "藏",
    "维吾尔",
    "苗",
    "彝",
    "壮",
    "布依",
    "朝鲜",
    "满",
    "侗",
    "瑶",
    "白",
    "土家",
    "哈尼",
    "哈萨克",
    "傣",
    "黎",
    "傈僳",
    "佤",
    "畲",
    "高山",
    "拉祜",
    "水",
    "东乡",
    "纳西",
    "景颇",
    "柯尔克孜",
    "土",
    "达斡尔",
    "仫佬",
    "羌",
    "布朗",
    "撒拉",
    "毛南",
    "仡佬",
    "锡伯",
    "阿昌",
    "普米",
    "塔吉克",
    "怒",
    "乌孜别克",
    "俄罗斯",
    "鄂温克",
    "德昂",
    "保安",
    "裕固",
    "京",
    "塔塔尔",
    "独龙",
    "鄂伦春",
    "赫哲",
    "门巴",
    "珞巴",
    "基诺",
    "穿青人",
    "其他",
];

/// The entry that a text starts with, the longest one.
pub fn leading(text: &str) -> Option<&'static str> {
    ETHNICITIES.into_iter().filter(|e| text.starts_with(e)).max_by_key(|e| e.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_entry_wins() {
        assert_eq!(leading("土家族"), Some("土家"));
        assert_eq!(leading("土"), Some("土"));
        assert_eq!(leading("Han"), None);
    }
}
