//! The processor and the memory.

use std::fs;
use std::thread;

use super::{Line, Verdict};
use crate::cli::Setting;
use crate::language::Language;

/// Reading and comparing stays below this at its peak (the limit that the product sets itself).
const NEEDED_MB: u64 = 600;

pub(super) fn processor(setting: &Setting) -> Line {
    let language = setting.language;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let (threads, arch) = (setting.threads, std::env::consts::ARCH);
    let told = |features: &str| {
        language.of(
            format!("{arch} {features}，{cores} 个核，用 {threads} 个线程"),
            format!("{arch} {features}, {cores} cores, computing with {threads} threads"),
        )
    };
    match vector_instructions() {
        Some(features) if features != "SSE" => Line::ok("processor", told(features)),
        Some(features) => Line::not(
            "processor",
            Verdict::Advice,
            told(features),
            language.of(
                "没有 AVX2 与 FMA，会慢好几倍",
                "without AVX2 and FMA everything takes several times longer",
            ),
        ),
        None => Line::not(
            "processor",
            Verdict::Advice,
            told(""),
            language.of("我们没有在这种处理器上试过", "we have not tried this kind of processor"),
        ),
    }
}

/// The widest that the runtime makes use of; none where we never ran it.
#[cfg(target_arch = "x86_64")]
fn vector_instructions() -> Option<&'static str> {
    let wide = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    Some(match (wide, is_x86_feature_detected!("avx512f")) {
        (true, true) => "AVX-512",
        (true, false) => "AVX2",
        (false, _) => "SSE",
    })
}

#[cfg(not(target_arch = "x86_64"))]
fn vector_instructions() -> Option<&'static str> {
    None
}

pub(super) fn memory(language: Language) -> Line {
    let Some(megabytes) = available() else {
        return Line::ok("memory", language.of("未知".into(), "not known on this system".into()));
    };
    let detail = language.of(
        format!("可用 {megabytes} MB，需要 {NEEDED_MB} MB"),
        format!("{megabytes} MB available, {NEEDED_MB} MB needed"),
    );
    if megabytes >= NEEDED_MB {
        return Line::ok("memory", detail);
    }
    Line::not(
        "memory",
        Verdict::Missing,
        detail,
        language
            .of("关闭其他程序，或放宽容器的内存上限", "end other programs, or raise the container's limit"),
    )
}

/// Megabytes that this process may still use: of the machine, or of the control group it runs in if that is less.
fn available() -> Option<u64> {
    let machine = meminfo(&fs::read_to_string("/proc/meminfo").ok()?)?;
    let number =
        |file: &str| fs::read_to_string(format!("/sys/fs/cgroup/{file}")).ok()?.trim().parse::<u64>().ok();
    let group = number("memory.max").zip(number("memory.current"));
    let group = group.map(|(most, used)| most.saturating_sub(used) >> 20);
    Some(group.map_or(machine, |group| group.min(machine)))
}

/// `MemAvailable` in megabytes.
fn meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes >> 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_available_memory_is_read_and_nonsense_is_not() {
        assert_eq!(meminfo("MemTotal: 9 kB\nMemAvailable:   2048000 kB\nBuffers: 1 kB\n"), Some(2000));
        for nonsense in ["", "MemAvailable:", "MemAvailable: x kB", "MemAvailable: 5"] {
            assert_eq!(meminfo(nonsense), None, "{nonsense:?}");
        }
    }
}
