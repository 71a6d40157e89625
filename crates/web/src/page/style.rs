//! Every part in every state, to look at.

use askama::Template;

use super::{Card, Frame, MethodChoice, Problem, Specimen, Stage, Stop, Time, sample};
use crate::page::icon::icon;
use crate::words::Language;

/// The style guide.
#[derive(Clone, Debug, Template)]
#[template(path = "style.html")]
pub struct StyleGuide {
    /// What stands around it.
    pub frame: Frame,
    cards: Vec<Card>,
    problems: Vec<Problem>,
    choices: Vec<MethodChoice>,
    times: Vec<Time>,
    specimens: Vec<Specimen>,
}

impl StyleGuide {
    /// The style guide with made-up data.
    pub fn new(language: Language) -> Self {
        let mut frame = sample::frame(language, None);
        frame.shell.back = "/style".to_owned();
        let cards = sample::cards(&frame.shell);
        let problems = sample::problems(&frame.shell);
        let choice = |id: &str, available, chosen| MethodChoice {
            id: id.to_owned(),
            title: frame.t("method.title").into(),
            detail: frame.t("method.document_hint").into(),
            available,
            chosen,
        };
        let choices =
            vec![choice("free", true, false), choice("chosen", true, true), choice("off", false, false)];
        let time = |seconds_left, renewable| Time { seconds_left, warn_seconds: 600, renewable };
        let times = vec![time(290, true), time(50, false)];
        let specimens = vec![Specimen { first: Some("selfie".to_owned()) }, Specimen { first: None }];
        Self { frame, cards, problems, choices, times, specimens }
    }

    fn stages(&self) -> [Stage; 3] {
        Stage::ALL
    }

    fn stops(&self) -> [Stop; 4] {
        Stop::ALL
    }

    fn colours(&self) -> [&'static str; 9] {
        ["ink", "muted", "line", "ground", "raised", "accent", "ok", "warn", "fail"]
    }

    fn icons(&self) -> [(&'static str, String); 21] {
        [
            "check", "cross", "warn", "info", "clock", "card", "face", "light", "steady", "wall", "glare",
            "frame", "bare", "camera", "file", "retake", "person", "phone", "lock", "plus", "eye",
        ]
        .map(|name| (name, icon(name)))
    }
}
