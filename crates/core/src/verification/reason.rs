//! Reason codes: the one table from which the command line, the API and the pages take code, sentence and fix.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One sentence in the two languages that everything speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sentences {
    /// Chinese, second person, spoken.
    pub zh: &'static str,
    /// English, as complete.
    pub en: &'static str,
}

/// The name is no [`ReasonCode`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no reason code {0:?}")]
pub struct UnknownReason(pub String);

/// What becomes of a person's attempt after this reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Doing the same step again, better, can pass.
    Retry,
    /// Repeating does not help: other material, another path or a human contact does.
    Final,
}

macro_rules! reasons {
    ($($variant:ident $code:literal $remedy:ident {
        zh: $zh:literal, fix_zh: $fix_zh:literal,
        en: $en:literal, fix_en: $fix_en:literal $(,)?
    })*) => {
        /// Why a check, or a decision, came out as it did. Stable snake_case names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum ReasonCode {
            $(#[doc = $en] #[serde(rename = $code)] $variant,)*
        }

        impl ReasonCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// What is wrong, for the person.
            pub const fn message(self) -> Sentences {
                match self { $(Self::$variant => Sentences { zh: $zh, en: $en },)* }
            }

            /// What to do about it, for the person.
            pub const fn fix(self) -> Sentences {
                match self { $(Self::$variant => Sentences { zh: $fix_zh, en: $fix_en },)* }
            }

            /// Whether trying again can help.
            pub const fn remedy(self) -> Remedy {
                match self { $(Self::$variant => Remedy::$remedy,)* }
            }
        }
    };
}

reasons! {
    // The file is no usable picture.
    PictureEmpty "picture_empty" Retry {
        zh: "这个文件是空的。", fix_zh: "请重新拍一张，或换一个文件。",
        en: "The file is empty.", fix_en: "Take the picture again or choose another file.",
    }
    PictureTooLarge "picture_too_large" Retry {
        zh: "文件太大了。", fix_zh: "请用手机相机直接拍一张，不要用扫描仪的超大文件。",
        en: "The file is too large.", fix_en: "Take an ordinary photo with your phone's camera.",
    }
    PictureTooManyPixels "picture_too_many_pixels" Retry {
        zh: "图片的像素太多，打不开。", fix_zh: "请用普通拍照模式重新拍一张。",
        en: "The picture has too many pixels to open.", fix_en: "Take it again in the ordinary photo mode.",
    }
    PictureTooSmall "picture_too_small" Retry {
        zh: "图片太小，看不出内容。", fix_zh: "请上传原图，不要上传缩略图。",
        en: "The picture is too small to show anything.", fix_en: "Send the original, not a thumbnail.",
    }
    PictureFormatUnknown "picture_format_unknown" Retry {
        zh: "这不是我们能打开的图片。", fix_zh: "请使用 JPEG、PNG 或 WebP 图片。",
        en: "This is not a picture that we can open.", fix_en: "Use a JPEG, PNG or WebP picture.",
    }
    PictureHeic "picture_heic" Retry {
        zh: "这是 HEIC 图片，暂时打不开。", fix_zh: "请在手机的相机设置里选“兼容性最佳”，或导出为 JPEG。",
        en: "This is a HEIC picture, which we cannot open.", fix_en: "Choose Most Compatible in the camera settings, or export it as JPEG.",
    }
    PictureVector "picture_vector" Retry {
        zh: "这是矢量图文件，不是照片。", fix_zh: "请上传相机拍的照片。",
        en: "This is a drawing file (SVG), not a photo.", fix_en: "Send a photo taken with a camera.",
    }
    PictureWebPage "picture_web_page" Retry {
        zh: "这是网页文件，不是照片。", fix_zh: "请上传相机拍的照片。",
        en: "This is a web page, not a photo.", fix_en: "Send a photo taken with a camera.",
    }
    PictureArchive "picture_archive" Retry {
        zh: "这是压缩包，不是照片。", fix_zh: "请先解压，再上传里面的照片。",
        en: "This is an archive, not a photo.", fix_en: "Unpack it and send the photo inside.",
    }
    PicturePdf "picture_pdf" Retry {
        zh: "这是 PDF 文件，不是照片。", fix_zh: "请上传相机拍的照片。",
        en: "This is a PDF file, not a photo.", fix_en: "Send a photo taken with a camera.",
    }
    PictureBroken "picture_broken" Retry {
        zh: "图片不完整或已损坏。", fix_zh: "请重新上传；如果还不行，就重新拍一张。",
        en: "The picture is incomplete or damaged.", fix_en: "Send it again, or take a new one.",
    }
    PictureAnimated "picture_animated" Retry {
        zh: "这是动图，需要一张静止的照片。", fix_zh: "请拍一张普通照片。",
        en: "This picture moves; a still photo is needed.", fix_en: "Take an ordinary photo.",
    }
    PictureCmyk "picture_cmyk" Retry {
        zh: "图片是印刷用的 CMYK 颜色，已转换后查看。", fix_zh: "如果结果不对，请直接用手机拍照上传。",
        en: "The picture has print colours (CMYK); it was converted.", fix_en: "If the result is wrong, send a photo straight from a phone.",
    }
    PictureDeepColour "picture_deep_colour" Retry {
        zh: "图片是 16 位颜色，已转换后查看。", fix_zh: "如果结果不对，请直接用手机拍照上传。",
        en: "The picture has 16-bit colours; it was converted.", fix_en: "If the result is wrong, send a photo straight from a phone.",
    }

    // The photo is not good enough.
    PhotoBlurred "photo_blurred" Retry {
        zh: "照片模糊，看不清。", fix_zh: "手机拿稳，点一下屏幕对焦后再拍。",
        en: "The photo is blurred.", fix_en: "Hold the phone still, tap to focus, and take it again.",
    }
    PhotoTooDark "photo_too_dark" Retry {
        zh: "光线太暗。", fix_zh: "换个亮一点的地方再拍。",
        en: "The photo is too dark.", fix_en: "Find more light and take it again.",
    }
    PhotoTooBright "photo_too_bright" Retry {
        zh: "照片太亮，细节看不见。", fix_zh: "避开直射的光，再拍一张。",
        en: "The photo is over-exposed.", fix_en: "Avoid direct light and take it again.",
    }
    PhotoGlare "photo_glare" Retry {
        zh: "有反光，挡住了内容。", fix_zh: "稍微斜一点，或离开灯光再拍。",
        en: "Glare hides part of it.", fix_en: "Tilt it a little or move away from the lamp, and take it again.",
    }
    PhotoUnevenLight "photo_uneven_light" Retry {
        zh: "光线不均匀，一边亮一边暗。", fix_zh: "让光从正面照过来，再拍一张。",
        en: "The light is uneven: one side is much darker.", fix_en: "Turn towards the light and take it again.",
    }
    PhotoTooSmall "photo_too_small" Retry {
        zh: "证件在照片里太小。", fix_zh: "靠近一点，让证件占满取景框。",
        en: "The document is too small in the photo.", fix_en: "Move closer so that it fills the frame.",
    }
    PhotoUnreadable "photo_unreadable" Retry {
        zh: "有内容看不清。", fix_zh: "在均匀的光线下对好焦，再拍一张。",
        en: "Some of it cannot be read.", fix_en: "Take it again in even light, in focus.",
    }

    // The document.
    DocumentNotFound "document_not_found" Retry {
        zh: "照片里没有找到证件。", fix_zh: "把证件平放在深色桌面上，整张拍进去。",
        en: "No document was found in the photo.", fix_en: "Lay it on a plain table and get all of it into the photo.",
    }
    DocumentCutOff "document_cut_off" Retry {
        zh: "证件没有拍全，有边在照片外面。", fix_zh: "离远一点，让四条边都在照片里。",
        en: "Part of the document is outside the photo.", fix_en: "Move back until all four edges are in the photo.",
    }
    DocumentCovered "document_covered" Retry {
        zh: "证件上有内容被挡住了。", fix_zh: "移开手指或遮挡物，再拍一张。",
        en: "Something covers part of the document.", fix_en: "Remove fingers or other things from it and take it again.",
    }
    DocumentWrongSide "document_wrong_side" Retry {
        zh: "拍成了证件的另一面。", fix_zh: "请把证件翻过来再拍。",
        en: "This is the other side of the document.", fix_en: "Turn it over and take it again.",
    }
    DocumentWrongType "document_wrong_type" Retry {
        zh: "这不是所选的证件。", fix_zh: "请拍所选的证件，或返回重新选择证件类型。",
        en: "This is a different document from the one chosen.", fix_en: "Photograph the chosen document, or go back and choose another.",
    }
    DocumentSeveral "document_several" Retry {
        zh: "照片里有好几张证件。", fix_zh: "只留一张证件，再拍一次。",
        en: "There are several documents in the photo.", fix_en: "Leave only one and take it again.",
    }
    DocumentSpecimen "document_specimen" Final {
        zh: "这是样本证件，不是真实证件。", fix_zh: "请使用你本人的真实证件。",
        en: "This is a specimen, not a real document.", fix_en: "Use your own real document.",
    }
    DocumentExpired "document_expired" Final {
        zh: "证件已过有效期。", fix_zh: "请先换领新证，或使用其他有效证件。",
        en: "The document has expired.", fix_en: "Renew it first, or use another valid document.",
    }
    DocumentNotYetValid "document_not_yet_valid" Final {
        zh: "证件还没到生效日期。", fix_zh: "请在生效后再来，或使用其他有效证件。",
        en: "The document is not valid yet.", fix_en: "Come back once it is, or use another valid document.",
    }
    DocumentFieldsInconsistent "document_fields_inconsistent" Retry {
        zh: "证件上的信息互相对不上。", fix_zh: "请重新拍清楚；如果证件没有问题，可以申请人工复核。",
        en: "What the document says does not agree with itself.", fix_en: "Take it again, clearly; if the document is right, ask for a human review.",
    }
    IdNumberInvalid "id_number_invalid" Retry {
        zh: "身份证号码不正确。", fix_zh: "请核对每一位；如果是拍照识别的，请重新拍清楚。",
        en: "The ID number is not a valid one.", fix_en: "Check every digit; if it was read from a photo, take it again, clearly.",
    }
    MrzCheckFailed "mrz_check_failed" Retry {
        zh: "证件下方的机读码校验不通过。", fix_zh: "请把机读区拍清楚、拍完整，再试一次。",
        en: "The check digits of the machine-readable zone are wrong.", fix_en: "Get both lines at the bottom sharp and complete, and try again.",
    }
    MrzMismatch "mrz_mismatch" Retry {
        zh: "机读码和证件上印的信息对不上。", fix_zh: "请重新拍清楚；如果证件没有问题，可以申请人工复核。",
        en: "The machine-readable zone disagrees with the printed text.", fix_en: "Take it again, clearly; if the document is right, ask for a human review.",
    }

    // The face.
    FaceNotFound "face_not_found" Retry {
        zh: "照片里没有找到人脸。", fix_zh: "请正对镜头，在光线均匀的地方再拍。",
        en: "No face was found in the photo.", fix_en: "Face the camera in even light and take it again.",
    }
    SeveralFaces "several_faces" Retry {
        zh: "照片里不止一张脸。", fix_zh: "请确保画面里只有你一个人。",
        en: "There is more than one face in the photo.", fix_en: "Make sure that you are alone in the picture.",
    }
    FaceTooSmall "face_too_small" Retry {
        zh: "脸在照片里太小。", fix_zh: "再靠近一点。",
        en: "The face is too small in the photo.", fix_en: "Move closer.",
    }
    PersonTooSmall "person_too_small" Retry {
        zh: "照片里人太小。", fix_zh: "离相机近一点，让头和拿证件的手臂占满画面。",
        en: "The person is too small in the photo.", fix_en: "Come closer, so that your head and the arm that holds the document fill the photo.",
    }
    ArmNotVisible "arm_not_visible" Retry {
        zh: "没有拍到一整只手臂。", fix_zh: "请把相机放远一点或斜一点，让肩膀、手肘和手腕都在照片里，不要被证件挡住。",
        en: "No whole arm is to be seen.", fix_en: "Move the camera so that shoulder, elbow and wrist of one arm are in the photo and not behind the document.",
    }
    DocumentOffCentre "document_off_centre" Retry {
        zh: "手里的证件不在画面中间。", fix_zh: "请把证件举到胸前、画面中间，再拍一张。",
        en: "The document in hand is not in the middle of the photo.", fix_en: "Hold it before your chest, in the middle of the photo, and take it again.",
    }
    HeldDocumentUnreadable "held_document_unreadable" Retry {
        zh: "手里的证件看不清号码。", fix_zh: "把证件举得离相机近一点，对好焦，手指不要挡住号码。",
        en: "The number of the document in hand cannot be read.", fix_en: "Hold the document closer to the camera, in focus, with no finger on its number.",
    }
    HeldDocumentDiffers "held_document_differs" Retry {
        zh: "手里的证件和前面拍的不是同一张。", fix_zh: "请拿着前面拍的那张证件再拍一次。",
        en: "The document in hand is another one than the one shown before.", fix_en: "Hold the same document that you photographed before, and take it again.",
    }
    FaceCutOff "face_cut_off" Retry {
        zh: "脸没有拍全，有一部分在照片外面。", fix_zh: "让整张脸都在照片里，再拍一张。",
        en: "Part of the face is outside the photo.", fix_en: "Get all of your face into the photo and take it again.",
    }
    FaceNotFrontal "face_not_frontal" Retry {
        zh: "脸没有正对镜头。", fix_zh: "请看镜头。",
        en: "The face is turned away from the camera.", fix_en: "Look at the camera.",
    }
    FaceCovered "face_covered" Retry {
        zh: "脸被挡住了一部分。", fix_zh: "请摘下口罩、墨镜或帽子，拨开头发。",
        en: "Part of the face is covered.", fix_en: "Take off mask, sunglasses or hat, and move hair aside.",
    }
    EyesClosed "eyes_closed" Retry {
        zh: "眼睛闭上了。", fix_zh: "请睁开眼睛看镜头，再拍一张。",
        en: "The eyes are closed.", fix_en: "Open your eyes, look at the camera and take it again.",
    }
    FaceMismatch "face_mismatch" Retry {
        zh: "本人和证件上的照片不像同一个人。", fix_zh: "请使用你本人的证件；如果就是你本人，请在好的光线下重拍，或申请人工复核。",
        en: "The face does not match the document's portrait.", fix_en: "Use your own document; if it is yours, take the selfie again in good light or ask for a human review.",
    }
    FaceUncertain "face_uncertain" Retry {
        zh: "暂时不能确定本人和证件是同一个人。", fix_zh: "我们会请人工复核；你也可以在好的光线下重拍一张。",
        en: "It is not certain that the face and the portrait are the same person.", fix_en: "A person will look at it; you can also take the selfie again in good light.",
    }

    // The live check.
    LivenessNotShown "liveness_not_shown" Final {
        zh: "没有做现场动作，需要人工复核。", fix_zh: "可以现在补做现场动作；不方便做也没关系，我们会人工复核。",
        en: "No live capture was done, so a person reviews it.", fix_en: "Do the live capture now; if you cannot, a person will look at it.",
    }
    LiveCaptureRequired "live_capture_required" Retry {
        zh: "这张照片要现场用摄像头拍，不能从相册选。", fix_zh: "请打开摄像头现场拍。",
        en: "This picture must be taken live with the camera, not chosen from files.", fix_en: "Open the camera and take it now.",
    }
    VirtualCamera "virtual_camera" Retry {
        zh: "画面来自虚拟摄像头。", fix_zh: "请关掉虚拟摄像头软件，用手机或电脑自带的摄像头。",
        en: "The video comes from a virtual camera.", fix_en: "Close the virtual camera's program and use the camera of your phone or computer.",
    }
    LivenessTooManyFrames "liveness_too_many_frames" Retry {
        zh: "画面发送得太快。", fix_zh: "请重新开始这一步；如果还不行，换个浏览器或手机。",
        en: "Frames come faster than any camera gives them.", fix_en: "Start this step again; if it fails again, use another browser or phone.",
    }
    LivenessActionMissed "liveness_action_missed" Retry {
        zh: "有动作没有在时间内完成。", fix_zh: "请看清提示再做动作，做完回到正对镜头；做不了可以换一个动作或走人工。",
        en: "An action was not done in time.", fix_en: "Read what is asked, do it, and look at the camera again; if you cannot do it, ask for another one or for a human.",
    }
    LivenessWrongAction "liveness_wrong_action" Retry {
        zh: "做的动作和提示的不一样。", fix_zh: "请只做提示的那个动作，再试一次。",
        en: "Another action was done than the one asked for.", fix_en: "Do only what is asked, and try again.",
    }
    LivenessOtherFace "liveness_other_face" Retry {
        zh: "中途换了一张脸。", fix_zh: "请由你本人一个人从头到尾完成。",
        en: "The face changed on the way.", fix_en: "Do it yourself and alone, from start to end.",
    }
    LivenessFrozen "liveness_frozen" Retry {
        zh: "画面静止不动。", fix_zh: "请关掉其他使用相机的程序，重新打开相机再试。",
        en: "The picture stands still.", fix_en: "Close other programs that use the camera, open it again, and try once more.",
    }
    LivenessReplayed "liveness_replayed" Retry {
        zh: "画面在重复播放。", fix_zh: "请直接用手机相机现场完成，不要用录好的视频或虚拟摄像头。",
        en: "The video repeats itself.", fix_en: "Use your own camera, live; no recorded video and no virtual camera.",
    }
    LivenessInterrupted "liveness_interrupted" Retry {
        zh: "画面中断太久。", fix_zh: "请检查网络，重新开始这一步。",
        en: "The video was interrupted for too long.", fix_en: "Check the network and start this step again.",
    }
    LivenessClock "liveness_clock" Retry {
        zh: "画面的时间顺序不对。", fix_zh: "请重新开始这一步；如果还不行，换个浏览器或手机。",
        en: "The frames are not in the order of time.", fix_en: "Start this step again; if it fails again, use another browser or phone.",
    }

    // Signals around a live capture. Each can be forged, and each can be wrong.
    CameraInjected "camera_injected" Retry {
        zh: "画面可能不是直接来自摄像头。", fix_zh: "请关掉改动摄像头的插件或程序，换一个常用的浏览器再试。",
        en: "The video may not come straight from a camera.", fix_en: "Close extensions or programs that change the camera, and try again in an ordinary browser.",
    }
    CameraChanged "camera_changed" Retry {
        zh: "中途换了摄像头或画面尺寸。", fix_zh: "请用同一个摄像头从头到尾完成。",
        en: "The camera or its picture size changed on the way.", fix_en: "Use the same camera from start to end.",
    }
    FrameTimingOdd "frame_timing_odd" Retry {
        zh: "画面到来的节奏不像摄像头。", fix_zh: "请关掉其他使用相机的程序，再试一次。",
        en: "The frames do not come in the rhythm of a camera.", fix_en: "Close other programs that use the camera, and try again.",
    }
    FramesReplayed "frames_replayed" Retry {
        zh: "画面和以前拍过的几乎一样。", fix_zh: "请现场重新拍，不要用以前的录像。",
        en: "The frames are nearly those of an earlier capture.", fix_en: "Do it again, live; no recording of an earlier time.",
    }
    ScreenColoursUnseen "screen_colours_unseen" Retry {
        zh: "脸上没有看到屏幕颜色的反光。", fix_zh: "把屏幕调亮一点，靠近一点，避开强光再试。",
        en: "The screen's colours were not seen on the face.", fix_en: "Make the screen brighter, come closer, avoid strong light, and try again.",
    }
    PresentationAttackSuspected "presentation_attack_suspected" Retry {
        zh: "镜头前可能是照片、屏幕或面具，需要人工复核。", fix_zh: "请由本人直接面对镜头；如果就是你本人，不用你做什么，我们会复核。",
        en: "A photo, a screen or a mask may be before the camera, so a person reviews it.", fix_en: "Face the camera yourself; if you did, there is nothing for you to do.",
    }
    PictureRecaptured "picture_recaptured" Retry {
        zh: "照片像是翻拍的屏幕或印刷品。", fix_zh: "请直接拍证件原件，不要拍屏幕上或打印出来的。",
        en: "The photo seems to be taken of a screen or a print.", fix_en: "Photograph the document itself, not a screen or a print of it.",
    }

    // What was declared, and what is there.
    NameMismatch "name_mismatch" Retry {
        zh: "填写的姓名和证件上的不一致。", fix_zh: "请按证件上的姓名填写，或换成你本人的证件。",
        en: "The name entered differs from the one on the document.", fix_en: "Enter the name as the document has it, or use your own document.",
    }
    IdNumberMismatch "id_number_mismatch" Retry {
        zh: "填写的号码和证件上的不一致。", fix_zh: "请核对号码，或换成你本人的证件。",
        en: "The number entered differs from the one on the document.", fix_en: "Check the number, or use your own document.",
    }
    EntryTooLong "entry_too_long" Retry {
        zh: "填写的内容太长了。", fix_zh: "请只填证件上的姓名或号码。",
        en: "The entry is too long.", fix_en: "Enter only the name or number that the document has.",
    }
    RegionMismatch "region_mismatch" Retry {
        zh: "所选的签发地区和证件不符。", fix_zh: "请返回重新选择证件的签发地区。",
        en: "The chosen issuing region does not fit the document.", fix_en: "Go back and choose the region that issued it.",
    }
    PhoneInvalid "phone_invalid" Retry {
        zh: "手机号不正确。", fix_zh: "请填 11 位手机号；境外号码以 + 和国家代码开头。",
        en: "The phone number is not a valid one.", fix_en: "Enter a mobile number of mainland China, or + with country code and number.",
    }
    PhoneUnverified "phone_unverified" Retry {
        zh: "还没有证明这个手机号是你的。", fix_zh: "请输入发到这个手机的验证码；收不到就换一个号码，或者联系人工客服。",
        en: "It is not shown that the phone is yours.", fix_en: "Enter the code that was sent to it; if none arrives, use another phone or ask a human.",
    }
    PhoneCodeWrong "phone_code_wrong" Retry {
        zh: "验证码不对。", fix_zh: "请核对最新一条短信里的 6 位数字，再输一次。",
        en: "That is not the code.", fix_en: "Check the six digits in the newest message and enter them again.",
    }
    PhoneCodeSpent "phone_code_spent" Retry {
        zh: "这个验证码输错的次数太多，已经作废。", fix_zh: "请重新获取一个验证码。",
        en: "This code was tried too often and counts no longer.", fix_en: "Have a new code sent.",
    }
    PhoneCodeExpired "phone_code_expired" Retry {
        zh: "这个验证码已经过期或用过了。", fix_zh: "请重新获取一个验证码。",
        en: "This code's time is over, or it was used before.", fix_en: "Have a new code sent.",
    }
    PhoneCodeTooSoon "phone_code_too_soon" Retry {
        zh: "刚刚已经发过一条验证码。", fix_zh: "请等一会儿；一直收不到，检查号码和短信拦截。",
        en: "A code was sent a moment ago.", fix_en: "Wait a little; if none arrives, check the number and your blocked messages.",
    }
    PhoneCodesToPhone "phone_codes_to_phone" Retry {
        zh: "今天发到这个手机的验证码太多了。", fix_zh: "请明天再试，换一个自己的手机号，或者联系人工客服。",
        en: "Too many codes went to this phone today.", fix_en: "Try again tomorrow, use another phone of your own, or ask a human.",
    }
    PhoneCodesForAccount "phone_codes_for_account" Retry {
        zh: "今天用这个账号发到这个手机的验证码太多了。", fix_zh: "请明天再试，换一个自己的手机号，或者联系人工客服。",
        en: "This account had too many codes sent to this phone today.", fix_en: "Try again tomorrow, use another phone of your own, or ask a human.",
    }
    PhoneCodesFromAddress "phone_codes_from_address" Retry {
        zh: "这个网络上获取验证码的次数太多了。", fix_zh: "请过一会儿再试，或者换一个网络（比如手机流量）。",
        en: "Too many codes were asked for from this network.", fix_en: "Try again later, or use another network, such as your phone's own.",
    }
    PhoneCodesOnDevice "phone_codes_on_device" Retry {
        zh: "你获取验证码的次数太多了。", fix_zh: "请过一会儿再试，或者联系人工客服。",
        en: "You asked for too many codes.", fix_en: "Try again later, or ask a human.",
    }
    CreditCodeMismatch "credit_code_mismatch" Retry {
        zh: "营业执照上的统一社会信用代码和店铺登记的不一致。", fix_zh: "请拍店铺所属企业的营业执照；如果是同一家企业，请把代码拍清楚。",
        en: "The licence's credit code differs from the one that the shop is registered with.", fix_en: "Photograph the licence of the company that the shop belongs to; if it is that one, get its code sharp.",
    }
    CompanyNameMismatch "company_name_mismatch" Retry {
        zh: "营业执照上的企业名称和店铺登记的不一致，需要人工复核。", fix_zh: "请把名称拍清楚；如果企业改过名，等待人工复核。",
        en: "The company's name on the licence differs from the registered one, so a person looks at it.", fix_en: "Get the name sharp; if the company changed its name, wait for the review.",
    }
    LegalPersonMismatch "legal_person_mismatch" Retry {
        zh: "你不是营业执照上的法定代表人。", fix_zh: "请由法定代表人本人认证；如果由经办人认证，请平台先改登记。",
        en: "You are not the legal person on the business licence.", fix_en: "Have the legal person verify; if an operator does, the marketplace registers that first.",
    }
    MaterialMissing "material_missing" Retry {
        zh: "材料不全。", fix_zh: "请补上缺少的照片或信息。",
        en: "Something is missing.", fix_en: "Add the missing photo or information.",
    }

    // What a decision rests on.
    // The person is known already.
    IdentityInUse "identity_in_use" Final {
        zh: "这张证件已经绑定了另一家店铺。", fix_zh: "如果是你本人，可以申请收回，或者联系人工客服。",
        en: "This document is already bound to another shop.", fix_en: "If that was you, you can reclaim it, or ask a human.",
    }
    SubjectBanned "subject_banned" Final {
        zh: "你名下的店铺曾因违规被永久关闭，不能再开店。", fix_zh: "如果认为有误，可以申诉，或者联系人工客服。",
        en: "A shop of yours was closed permanently for a violation, so you cannot open another one.", fix_en: "If that is a mistake, appeal, or ask a human.",
    }
    FaceResemblesBanned "face_resembles_banned" Final {
        zh: "需要人工复核一下你的身份。", fix_zh: "不用你做什么，我们会尽快复核。",
        en: "A person needs to look at who you are.", fix_en: "Nothing for you to do; we will look at it soon.",
    }
    BanListNotSearched "ban_list_not_searched" Final {
        zh: "需要人工复核一下你的身份。", fix_zh: "不用你做什么，我们会尽快复核。",
        en: "A person needs to look at who you are.", fix_en: "Nothing for you to do; we will look at it soon.",
    }
    NotChecked "not_checked" Final {
        zh: "机器没能完成检查，需要人工处理。", fix_zh: "不用你做什么，我们会尽快处理。",
        en: "The checks could not be completed, so a person looks at it.", fix_en: "Nothing for you to do; we will look at it soon.",
    }
    DocumentForged "document_forged" Final {
        zh: "证件上的信息互相矛盾，需要人工复核。", fix_zh: "请准备好证件原件；如果证件没有问题，不用你做什么。",
        en: "What the document says contradicts itself, so a person looks at it.", fix_en: "Keep the document at hand; if it is right, there is nothing for you to do.",
    }
    IdentityBorrowed "identity_borrowed" Final {
        zh: "本人和证件不像同一个人，需要人工复核。", fix_zh: "请使用你本人的证件；如果就是你本人，可以申请人工复核。",
        en: "You and the document do not look like the same person, so a person looks at it.", fix_en: "Use your own document; if it is yours, ask for a human review.",
    }
    AccountTakenOver "account_taken_over" Final {
        zh: "这次的人和以前认证的人不像，需要人工复核。", fix_zh: "如果你是店主本人，请联系人工客服；如果账号被盗，请马上修改密码。",
        en: "You do not look like the person who was verified before, so a person looks at it.", fix_en: "If you are the owner, ask a human; if the account was taken, change its password now.",
    }
    ShopTransferred "shop_transferred" Final {
        zh: "店铺以前由另一个人认证，需要人工复核。", fix_zh: "店铺不能私下转让；如果是正常变更，请联系人工客服说明。",
        en: "Another person was verified for this shop before, so a person looks at it.", fix_en: "A shop cannot be sold on privately; if it changed hands rightly, tell a human.",
    }
    StaffIdentityInUse "staff_identity_in_use" Final {
        zh: "这张证件在本店已经绑定了另一个子账号。", fix_zh: "一个人在一家店只能绑定一个子账号；请店主先解除那一个。",
        en: "In this shop the document is bound to another sub-account.", fix_en: "A person has one sub-account in a shop; ask the owner to unbind the other one first.",
    }
    StaffUserImmutable "staff_user_immutable" Final {
        zh: "这个子账号已经绑定了另一个人。", fix_zh: "请由绑定的本人来复核；要换人使用，请店主先解除绑定。",
        en: "Another person is bound to this sub-account.", fix_en: "Whoever is bound verifies again; for another user, ask the owner to unbind first.",
    }
    ExportAnotherPerson "export_another_person" Final {
        zh: "这次认证的人不是留存资料的本人，不能导出。", fix_zh: "个人资料只给本人；请本人用当时的证件重新认证，或联系人工客服。",
        en: "You are not the person whose data is kept here, so nothing is handed out.", fix_en: "A copy is for its own person alone: verify with the document of that time, or ask a human.",
    }
    ExportNothingKept "export_nothing_kept" Final {
        zh: "这个账号名下已经没有留存的个人资料。", fix_zh: "资料已经删除，没有可以导出的内容；有疑问请联系人工客服。",
        en: "No personal data is kept for this account any more.", fix_en: "It was erased, so there is nothing to take along; ask a human if that surprises you.",
    }
    SeveralFacesOnAccount "several_faces_on_account" Final {
        zh: "这次的人和绑定这个子账号的人不像，需要人工复核。", fix_zh: "子账号只能由绑定的本人使用；如果就是你本人，不用你做什么。",
        en: "You do not look like the person who is bound to this sub-account, so a person looks at it.", fix_en: "A sub-account is for the one who is bound to it; if that is you, there is nothing for you to do.",
    }
    StaffPhoneInUse "staff_phone_in_use" Retry {
        zh: "这个手机号在本店已经绑定了另一个子账号。", fix_zh: "请换一个自己的手机号，或者请店主先解除那一个。",
        en: "In this shop the phone is bound to another sub-account.", fix_en: "Give another phone of your own, or ask the owner to unbind the other one first.",
    }
    PhoneChanged "phone_changed" Retry {
        zh: "这个手机号和平台登记的不一致。", fix_zh: "请填登记的手机号；如果换了号码，请选择更换，并验证新旧两个手机。",
        en: "The phone differs from the registered one.", fix_en: "Enter the registered one; if it changed, say so and prove the new and the old one.",
    }
    RegisteredNameDiffers "registered_name_differs" Final {
        zh: "证件上的姓名和平台登记的不一致，需要人工复核。", fix_zh: "请用登记的本人证件；如果法定代表人、经办人或姓名变更了，等待人工复核。",
        en: "The name on the document differs from the registered one, so a person looks at it.", fix_en: "Use the document of whoever is registered; if that changed, wait for the review.",
    }
    PaymentAccountChanged "payment_account_changed" Retry {
        zh: "这个支付账户和平台登记的不一致。", fix_zh: "请填登记的账户；如果换了账户，请选择更换，我们会核实新账户是你本人的。",
        en: "The payment account differs from the registered one.", fix_en: "Enter the registered one; if it changed, say so, and we check that the new one is yours.",
    }
    BankCardChanged "bank_card_changed" Retry {
        zh: "这张银行卡和平台登记的不一致。", fix_zh: "请填登记的卡号；如果换了卡，请选择更换，我们会核实新卡是你本人的。",
        en: "The bank card differs from the registered one.", fix_en: "Enter the registered one; if it changed, say so, and we check that the new one is yours.",
    }
    BankCardInvalid "bank_card_invalid" Retry {
        zh: "银行卡号不正确。", fix_zh: "请核对卡面上的 12 到 19 位数字。",
        en: "That is no number of a bank card.", fix_en: "Check the 12 to 19 digits on the card.",
    }
    PaymentNameMismatch "payment_name_mismatch" Retry {
        zh: "姓名和支付账户的实名不一致。", fix_zh: "请核对姓名；如果账户不是你的，请换成你本人的账户后重新提交。",
        en: "The name differs from the one of the payment account.", fix_en: "Check the name; if the account is not yours, use your own and submit again.",
    }
    SourceNameMismatch "source_name_mismatch" Retry {
        zh: "姓名和权威数据源的记录不一致。", fix_zh: "请核对姓名和号码；如果没有错，可以申请人工复核。",
        en: "The name differs from the one that an authoritative source has.", fix_en: "Check name and number; if both are right, ask for a human review.",
    }
    SourcePhoneMismatch "source_phone_mismatch" Retry {
        zh: "这个手机号和权威数据源里登记的不一致。", fix_zh: "请填用你本人身份登记的手机号；如果没有错，可以申请人工复核。",
        en: "The phone differs from the one that an authoritative source has for you.", fix_en: "Enter the phone that is registered in your own name; if it is, ask for a human review.",
    }
    SourceIdentityUnknown "source_identity_unknown" Retry {
        zh: "没有查到这个姓名和号码。", fix_zh: "请核对姓名和号码，或换一种认证方式。",
        en: "The source knows nobody of this name and number.", fix_en: "Check both, or choose another method.",
    }
    SourceUnavailable "source_unavailable" Final {
        zh: "暂时没能向权威数据源核对身份信息，需要人工复核。", fix_zh: "不用你做什么，我们会尽快复核。",
        en: "The authoritative source did not answer, so a person reviews it.", fix_en: "Nothing for you to do; we will look at it soon.",
    }
    SourceNotConfigured "source_not_configured" Final {
        zh: "还没有权威数据源核对身份信息，需要人工复核。", fix_zh: "不用你做什么，我们会尽快复核。",
        en: "No authoritative source has confirmed the identity, so a person reviews it.", fix_en: "Nothing for you to do; we will look at it soon.",
    }
    RegionCodeUnknown "region_code_unknown" Final {
        zh: "身份证号码的前六位不在行政区划表里。", fix_zh: "请核对号码；如果没有错，我们会人工复核。",
        en: "The first six digits of the ID number are no known place.", fix_en: "Check the number; if it is right, a person will look at it.",
    }
}

impl ReasonCode {
    /// Whether what the person entered is at odds with a document or a source: entering it again may mend it.
    pub const fn is_of_entries(self) -> bool {
        matches!(
            self,
            Self::NameMismatch
                | Self::IdNumberMismatch
                | Self::StaffPhoneInUse
                | Self::PaymentNameMismatch
                | Self::PhoneChanged
                | Self::PaymentAccountChanged
                | Self::BankCardChanged
                | Self::SourceIdentityUnknown
                | Self::SourceNameMismatch
                | Self::SourcePhoneMismatch
        )
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ReasonCode {
    type Err = UnknownReason;

    fn from_str(s: &str) -> Result<Self, UnknownReason> {
        Self::ALL.iter().copied().find(|r| r.name() == s).ok_or_else(|| UnknownReason(s.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_its_own_name_and_says_everything_in_both_languages() {
        let names: BTreeSet<_> = ReasonCode::ALL.iter().map(|r| r.name()).collect();
        assert_eq!(names.len(), ReasonCode::ALL.len());
        for r in ReasonCode::ALL {
            assert_eq!(r.name().parse(), Ok(*r));
            for s in [r.message(), r.fix()] {
                assert!(s.zh.ends_with('。') && s.en.ends_with('.'), "{r}: {s:?}");
                assert!(!s.zh.is_ascii() && s.en.is_ascii(), "{r}: {s:?}");
            }
        }
    }

    #[test]
    fn serde_uses_the_stable_name() {
        for r in ReasonCode::ALL {
            assert_eq!(serde_json::to_string(r).unwrap(), format!("\"{}\"", r.name()));
        }
    }
}
