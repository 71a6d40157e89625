//! What the browser says of its camera. All of it are signals: a page that was changed says what it likes, and an
//! honest person's camera may look odd.

use std::collections::BTreeSet;

use shiren_core::verification::ReasonCode;

/// What the browser says of its camera when the channel opens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CameraSaid {
    /// The camera's name.
    pub label: String,
    /// The browser says that a program drives it (`navigator.webdriver`).
    pub driven: bool,
    /// `getUserMedia` is no longer the browser's own.
    pub replaced: bool,
    /// The video track names no device: it is drawn on a canvas or comes over a line.
    pub no_device: bool,
    /// The person wants no flashes: no colours are shown.
    pub no_flashes: bool,
}

/// Names under which programs offer made-up cameras, in lower case.
const VIRTUAL: [&str; 14] = [
    "obs virtual",
    "virtual camera",
    "virtualcam",
    "manycam",
    "snap camera",
    "xsplit",
    "e2esoft",
    "vcam",
    "droidcam",
    "iriun",
    "splitcam",
    "v4l2loopback",
    "fake_device",
    "虚拟摄像头",
];

impl CameraSaid {
    /// What speaks against it.
    pub(crate) fn signals(&self) -> BTreeSet<ReasonCode> {
        let label = self.label.to_lowercase();
        let made_up = VIRTUAL.iter().any(|name| label.contains(name));
        let injected = self.driven || self.replaced || self.no_device;
        let signals = [(made_up, ReasonCode::VirtualCamera), (injected, ReasonCode::CameraInjected)];
        signals.into_iter().filter(|(is, _)| *is).map(|(_, code)| code).collect()
    }

    /// Whether another camera speaks than the one that the channel was opened with.
    pub(crate) fn is_another(&self, label: &str) -> bool {
        self.label != label
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trace_of_a_camera_that_is_none_is_a_signal_and_an_ordinary_camera_gives_none() {
        let ordinary = CameraSaid { label: "FaceTime HD Camera".into(), ..CameraSaid::default() };
        assert!(ordinary.signals().is_empty());
        let quiet = CameraSaid { no_flashes: true, ..ordinary.clone() };
        assert!(quiet.signals().is_empty(), "who wants no flashes is not suspected");
        for label in ["OBS Virtual Camera", "e2eSoft VCam", "虚拟摄像头 2"] {
            let said = CameraSaid { label: label.into(), ..CameraSaid::default() };
            assert_eq!(said.signals(), BTreeSet::from([ReasonCode::VirtualCamera]), "{label}");
        }
        for said in [
            CameraSaid { driven: true, ..ordinary.clone() },
            CameraSaid { replaced: true, ..ordinary.clone() },
            CameraSaid { no_device: true, ..ordinary.clone() },
        ] {
            assert_eq!(said.signals(), BTreeSet::from([ReasonCode::CameraInjected]), "{said:?}");
        }
    }
}
