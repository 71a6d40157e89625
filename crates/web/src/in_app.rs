//! In which app's own browser a page was opened (rows H2 and E29).
//!
//! Many apps show links in a browser of their own, which often refuses the camera, and forgets its cookies as soon as
//! it is closed. A link that opens once would be used up there for nothing. They are known by what they write into
//! `User-Agent`: a hint that anybody can forge, so that nothing but a sentence of advice depends on it.

/// An app with a browser of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InApp {
    /// 微信
    WeChat,
    /// 企业微信
    WeCom,
    /// 支付宝
    Alipay,
    /// 钉钉
    DingTalk,
    /// 淘宝
    Taobao,
    /// 天猫
    Tmall,
    /// 千牛, where sellers work
    Qianniu,
    /// QQ
    Qq,
    /// 微博
    Weibo,
    /// 拼多多
    Pinduoduo,
    /// 抖音
    Douyin,
    /// 飞书
    Feishu,
    /// Another one
    Other,
}

/// What apps write into the header, in small letters; the first that is found counts. 企业微信 also says that it is 微信.
const SIGNS: [(&str, InApp); 16] = [
    ("wxwork/", InApp::WeCom),
    ("micromessenger", InApp::WeChat),
    ("aliapp(dingtalk/", InApp::DingTalk),
    ("aliapp(ap/", InApp::Alipay),
    ("alipayclient/", InApp::Alipay),
    ("aliapp(qn/", InApp::Qianniu),
    ("aliapp(tb/", InApp::Taobao),
    ("aliapp(tm/", InApp::Tmall),
    ("aliapp(", InApp::Other),
    // With the blank: QQ's web browser for phones, which is a proper one, writes "MQQBrowser/".
    (" qq/", InApp::Qq),
    ("__weibo__", InApp::Weibo),
    ("phh_android_version/", InApp::Pinduoduo),
    ("phh_ios_version/", InApp::Pinduoduo),
    (" appname/aweme", InApp::Douyin),
    (" lark/", InApp::Feishu),
    // What Android's WebView calls itself (developer.chrome.com/docs/webview/user-agent).
    ("; wv)", InApp::Other),
];

impl InApp {
    /// The app that sent this `User-Agent`; `None` for a web browser, and for an app that the operator names as their
    /// own by a part of what it writes there.
    pub fn of(user_agent: &str, own: &[String]) -> Option<Self> {
        if own.iter().any(|app| !app.is_empty() && user_agent.contains(app.as_str())) {
            return None;
        }
        let said = user_agent.to_ascii_lowercase();
        let named = SIGNS.iter().find(|(sign, _)| said.contains(sign)).map(|(_, app)| *app);
        named.or_else(|| is_view_of_ios(&said).then_some(Self::Other))
    }

    /// The key of its name.
    pub const fn key(self) -> &'static str {
        use crate::page::word;
        match self {
            Self::WeChat => word("app.wechat"),
            Self::WeCom => word("app.wecom"),
            Self::Alipay => word("app.alipay"),
            Self::DingTalk => word("app.dingtalk"),
            Self::Taobao => word("app.taobao"),
            Self::Tmall => word("app.tmall"),
            Self::Qianniu => word("app.qianniu"),
            Self::Qq => word("app.qq"),
            Self::Weibo => word("app.weibo"),
            Self::Pinduoduo => word("app.pinduoduo"),
            Self::Douyin => word("app.douyin"),
            Self::Feishu => word("app.feishu"),
            Self::Other => word("app.other"),
        }
    }
}

/// On iOS every web browser names Safari beside itself, and a WKWebView does not unless its app makes it so.
fn is_view_of_ios(said: &str) -> bool {
    let device = ["(iphone;", "(ipad;", "(ipod"].iter().any(|d| said.contains(d));
    device && said.contains("applewebkit/") && !said.contains("safari/")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As apps and browsers sent them and somebody published them. Sources: lzl124631x's note on WeChat's user agents
    /// (2016-04-08), Chrome's page on WebView, and what tests, scrapers and access logs in public repositories recorded.
    const SEEN: [(&str, Option<InApp>); 26] = [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 9_3 like Mac OS X) AppleWebKit/601.1.46 (KHTML, like Gecko) Mobile/13E233 MicroMessenger/6.3.15 NetType/WIFI Language/zh_CN",
            Some(InApp::WeChat),
        ),
        (
            "Mozilla/5.0 (Linux; Android 5.0.1; GT-I9502 Build/LRX22C; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/43.0.2357.121 Mobile Safari/537.36 MicroMessenger/6.1.0.78_r1129455.543 NetType/WIFI",
            Some(InApp::WeChat),
        ),
        (
            "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/39.0.2171.95 Safari/537.36 MicroMessenger/6.5.2.501 NetType/WIFI WindowsWechat",
            Some(InApp::WeChat),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)  Mobile/15E148 wxwork/3.1.16 MicroMessenger/7.0.1 Language/zh ColorScheme/Dark",
            Some(InApp::WeCom),
        ),
        (
            "Mozilla/5.0 (Linux; Android 9.0; BKL-AL20 Build/HUAWEIBKL-AL20; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/57.0.2987.132 MQQBrowser/6.2 TBS/044409 Mobile Safari/537.36 wxwork/2.7.2 MicroMessenger/6.3.22 NetType/WIFI Language/zh",
            Some(InApp::WeCom),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 13_1_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/17A878 ChannelId(3) NebulaSDK/1.8.100112 Nebula WK PSDType(1) AlipayDefined(nt:WIFI,ws:414|832|2.0) AliApp(AP/10.1.80.6060) AlipayClient/10.1.80.6060 Alipay Language/zh-Hans Region/CN",
            Some(InApp::Alipay),
        ),
        (
            "Mozilla/5.0 (Linux; U; Android 7.0; zh-CN; PRA-AL00X Build/HONORPRA-AL00X) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/40.0.2214.89 UCBrowser/11.6.4.950 UWS/2.11.0.20 Mobile Safari/537.36 UCBS/2.11.0.20 Nebula AlipayDefined(nt:4G,ws:360|0|3.0) AliApp(AP/10.1.2.091816) AlipayClient/10.1.2.091816 Language/zh-Hans useStatusBar/true",
            Some(InApp::Alipay),
        ),
        (
            "Mozilla/5.0 (Linux; Android 11; Pixel 4 XL Build/RQ3A.210705.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/83.0.4103.106 Mobile Safari/537.36 AliApp(DingTalk/5.1.5) com.alibaba.android.rimet/13534898 Channel/212200 language/zh-CN UT4Aplus/0.2.25 colorScheme/light",
            Some(InApp::DingTalk),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 15_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 AliApp(TB/10.14.0) WindVane/8.7.2 UT4Aplus/0.0.4 828x1792 WK",
            Some(InApp::Taobao),
        ),
        (
            "Mozilla/5.0 (Linux; U; Android 5.1.1; zh-cn; SM-G6000 Build/LMY47X) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 UCBrowser/1.0.0.100 U3/0.8.0 Mobile Safari/534.30 AliApp(TB/6.2.3) WindVane/8.0.0 720X1280 GCanvas/1.4.2.21",
            Some(InApp::Taobao),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 12_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/16B92 AliApp(QN/7.0.50)  QNIOS/201200@tbsellerworkbench_iphone_1.0.0 WindVane/8.5.0 1242x2208",
            Some(InApp::Qianniu),
        ),
        (
            "Mozilla/5.0 (Linux; U; Android 7.1.1; zh-CN; OPPO R11s Build/NMF26X) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/57.0.2987.108 UCBrowser/11.9.4.974 UWS/2.14.0.16 Mobile Safari/537.36 AliApp(QN/6.9.8) UCBS/2.11.1.1 TTID/700145@tbsellerworkbench_android_6.9.8 WindVane/8.3.0 QNANDROID/700145@tbsellerworkbench_android_6.9.8",
            Some(InApp::Qianniu),
        ),
        (
            "Mozilla/5.0 (Linux; Android 6.0.1; vivo Y55L Build/MMB29M; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/66.0.3359.126 MQQBrowser/6.2 TBS/045140 Mobile Safari/537.36 V1_AND_SQ_8.3.5_1392_YYB_D QQ/8.3.5.4555 NetType/WIFI WebP/0.3.0 Pixel/720 StatusBarHeight/48",
            Some(InApp::Qq),
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; Pixel 2 Build/QQ3A.200805.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/108.0.5359.79 Mobile Safari/537.36  phh_android_version/6.28.0 phh_android_build/0b22768b phh_android_channel/hw pversion/0",
            Some(InApp::Pinduoduo),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 12_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/16A366 Weibo (iPhone8,2__weibo__8.9.3__iphone__os12.0)",
            Some(InApp::Weibo),
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; WLZ-AN00 Build/HUAWEIWLZ-AN00; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/75.0.3770.156 Mobile Safari/537.36 aweme_130600 JsSdk/1.0 NetType/4G Channel/huawei_1 AppName/aweme app_version/13.6.0 ByteLocale/zh-Hans-CN Region/CN AppSkin/black AppTheme/dark TTWebView/0751130011409",
            Some(InApp::Douyin),
        ),
        (
            "Mozilla/5.0 (Linux; Android 9; MI 6X Build/PKQ1.180904.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/75.0.3770.156 Mobile Safari/537.36 Lark/5.10.4 LarkLocale/zh_CN ChannelName/Feishu TTWebView/0751130016452",
            Some(InApp::Feishu),
        ),
        (
            "Mozilla/5.0 (Linux; Android 5.1.1; Nexus 5 Build/LMY48B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/43.0.2357.65 Mobile Safari/537.36",
            Some(InApp::Other),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 10_2 like Mac OS X) AppleWebKit/602.3.12 (KHTML, like Gecko) Mobile/14C92 baiduboxapp/0_01.5.2.8_enohpi_8022_2421",
            Some(InApp::Other),
        ),
        // Web browsers.
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 9_3 like Mac OS X) AppleWebKit/601.1.46 (KHTML, like Gecko) Version/9.0 Mobile/13E233 Safari/601.1",
            None,
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/114.0.5735.99 Mobile/15E148 Safari/604.1",
            None,
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 14_8_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.0 MQQBrowser/12.0.0 Mobile/15E148 Safari/604.1 SogouMSE/12.0.0 QBWebViewUA/2 QBWebViewType/1 WKType/1",
            None,
        ),
        (
            "Mozilla/5.0 (Linux; Android 5.0.1; SAMSUNG GT-I9502 Build/LRX22C) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/2.1 Chrome/34.0.1847.76 Mobile Safari/537.36",
            None,
        ),
        (
            "Mozilla/5.0 (Linux; U; Android 8.1.0; zh-cn; Redmi 6 Pro Build/OPM1.171019.019) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/61.0.3163.128 Mobile Safari/537.36 XiaoMi/MiuiBrowser/9.6.4",
            None,
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/49.0.2623.110 Safari/537.36",
            None,
        ),
        ("curl/8.5.0", None),
    ];

    #[test]
    fn an_apps_browser_is_told_from_a_web_browser() {
        for (said, app) in SEEN {
            assert_eq!(InApp::of(said, &[]), app, "{said}");
        }
    }

    #[test]
    fn the_operators_own_app_is_no_other_app() {
        let (said, _) = SEEN[10];
        let own = ["AliApp(QN/".to_owned()];
        assert_eq!(InApp::of(said, &own), None);
        // A setting that was left empty is in every text.
        assert_eq!(InApp::of(said, &[String::new()]), Some(InApp::Qianniu));
    }

    #[test]
    fn nothing_and_nonsense_are_no_app() {
        for said in ["", "Mozilla/5.0", "(iPhone;", "实人 QQ浏览器"] {
            assert_eq!(InApp::of(said, &[]), None, "{said}");
        }
    }
}
