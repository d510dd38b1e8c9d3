"""The settings of a running program, read once from one TOML file; config.example.toml explains every key."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bot.errors import ConfigError
from bot.settings import read_table, reason_of, setting
from bot.valid import (
    between,
    clock_time,
    clock_times,
    database_url,
    distinct_words,
    long_secret,
    office_spans,
    one_of,
    optional,
    public_url,
    some_of,
    timezone,
)

PARTS = ("channels", "dispatch", "schedule", "web")
"""What a process may run; several processes share one database (architecture.md, rules 9 and 10)."""

_WEEKDAY = ("08:30-12:00", "14:00-18:00")


@dataclass(frozen=True, slots=True)
class DatabaseConfig:
    """`{data_dir}` in the address is replaced, a relative SQLite file is relative to the configuration file."""

    url: str = setting("sqlite:///{data_dir}/gridbridge.db", check=database_url, secret=True)


@dataclass(frozen=True, slots=True)
class WebConfig:
    """`port` 0 takes any free one; `public_url` is what people outside reach it by.

    `health_port`: of a process without pages, None opens none. `metrics`: who may see the figures.
    """

    host: str = "127.0.0.1"
    port: int = setting(8080, check=between(0, 65535))
    public_url: str = setting("", check=public_url)
    health_port: int | None = setting(None, check=optional(between(0, 65535)))
    metrics: str = setting("local", check=one_of("local", "token", "off"))
    metrics_token: str = setting("", check=optional(long_secret), secret=True)


@dataclass(frozen=True, slots=True)
class CityConfig:
    """`emergency_phones` are the last level of an emergency: "值班室 0538-…", told to staff only."""

    name: str = ""
    timezone: str = setting("Asia/Shanghai", check=timezone)
    grades: tuple[str, ...] = setting(("非常满意", "满意", "基本满意", "不满意", "非常不满意"), check=distinct_words)
    emergency_phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MannersConfig:
    """How the bot behaves in groups; units are in the names, night may cross midnight."""

    posts_per_hour: int = setting(6, check=between(0, 60))
    night_start: str = setting("21:00", check=clock_time)
    night_end: str = setting("07:00", check=clock_time)
    card_wait_seconds: int = setting(8, check=between(0, 120))
    held_seconds: int = setting(120, check=between(0, 600))
    warm_minutes: int = setting(10, check=between(1, 120))
    hot_minutes: int = setting(10, check=between(1, 120))
    result_hot_hours: int = setting(24, check=between(1, 168))
    late_hours: int = setting(1, check=between(1, 72))
    list_times: tuple[str, ...] = setting(("11:30", "17:00"), check=clock_times)


@dataclass(frozen=True, slots=True)
class ClassifierConfig:
    """`rules`: a folder of rule files instead of the ones that come with the program."""

    rules: Path | None = None
    full_dictionary: bool = False


@dataclass(frozen=True, slots=True)
class OfficeConfig:
    """Office hours of each weekday; `holidays` and `workdays` are local exceptions to the public calendar."""

    monday: tuple[str, ...] = setting(_WEEKDAY, check=office_spans)
    tuesday: tuple[str, ...] = setting(_WEEKDAY, check=office_spans)
    wednesday: tuple[str, ...] = setting(_WEEKDAY, check=office_spans)
    thursday: tuple[str, ...] = setting(_WEEKDAY, check=office_spans)
    friday: tuple[str, ...] = setting(_WEEKDAY, check=office_spans)
    saturday: tuple[str, ...] = setting((), check=office_spans)
    sunday: tuple[str, ...] = setting((), check=office_spans)
    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()

    def spans(self) -> tuple[tuple[str, ...], ...]:
        """The spans of Monday to Sunday."""
        return (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday)


@dataclass(frozen=True, slots=True)
class LimitsConfig:
    """Ceilings for what comes in: characters, megabytes, millions of pixels; `photo_side` in pixels is kept."""

    max_text: int = setting(4000, check=between(100, 20000))
    max_photo_mb: int = setting(10, check=between(1, 50))
    max_photo_megapixels: int = setting(40, check=between(1, 200))
    photo_side: int = setting(2560, check=between(640, 8192))


@dataclass(frozen=True, slots=True)
class RetentionConfig:
    """When things are forgotten by themselves (bot/flow/retention.py); units are in the names.

    `traffic_days` must outlive every platform's second delivery, which the settled inbox rows refuse.
    """

    perhaps_days: int = setting(7, check=between(1, 90))
    loose_photo_hours: int = setting(1, check=between(1, 72))
    traffic_days: int = setting(90, check=between(7, 3650))


@dataclass(frozen=True, slots=True)
class LogConfig:
    level: str = setting("info", check=one_of("debug", "info", "warning", "error"))
    format: str = setting("text", check=one_of("text", "json"))


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a process is told. `channels`: account ("webchat:main") -> its table, checked by the channel itself.

    `clocks` overrides bot/cases/clocks.toml and is checked by the code that reads it.
    """

    data_dir: Path = Path("data")
    only: tuple[str, ...] = setting(PARTS, check=some_of(*PARTS))
    database: DatabaseConfig = field(default_factory=DatabaseConfig)
    web: WebConfig = field(default_factory=WebConfig)
    city: CityConfig = field(default_factory=CityConfig)
    manners: MannersConfig = field(default_factory=MannersConfig)
    classifier: ClassifierConfig = field(default_factory=ClassifierConfig)
    office: OfficeConfig = field(default_factory=OfficeConfig)
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    retention: RetentionConfig = field(default_factory=RetentionConfig)
    log: LogConfig = field(default_factory=LogConfig)
    clocks: Mapping[str, Any] = field(default_factory=dict)
    channels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)  # may hold secrets

    def port_of(self, only: Sequence[str]) -> int | None:
        """Where a process listens that runs these parts; None: nowhere."""
        return self.web.port if has_pages(only) else self.web.health_port


def has_pages(only: Sequence[str]) -> bool:
    """Whether a process with these parts serves the pages of its channels."""
    return "web" in only or "channels" in only


def load(path: Path) -> Config:
    """Read the file. Raises ConfigError with one sentence that names file, key and remedy."""
    table = _toml(path)
    try:
        return build(table, path.resolve().parent)
    except ConfigError as error:
        raise ConfigError(f"{path}：{error}") from error


def build(table: Mapping[str, Any], base: Path) -> Config:
    """The settings of an already parsed file; `base` is the folder of its relative paths. Raises ConfigError."""
    config = read_table(Config, {**table, "channels": _accounts(table.get("channels", {}), base)}, "", base=base)
    if not any(config.office.spans()):
        raise ConfigError("[office]：一周里至少要有一天上班，否则时限没法计算，请写上上班时间")
    if config.web.metrics == "token" and not config.web.metrics_token:
        remedy = '请写 metrics_token_file = "文件路径" 或 metrics_token = "env:环境变量名"'
        raise ConfigError(f'[web] metrics_token：metrics = "token" 时要有口令，{remedy}')
    config = dataclasses.replace(config, data_dir=base / config.data_dir)
    url = _database_url(config.database.url, config.data_dir, base)
    return dataclasses.replace(config, database=DatabaseConfig(url=url))


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        remedy = "请用 --config 指明位置，或用 gridbridge init 建一份，也可以照 config.example.toml 自己写"
        raise ConfigError(f"读不了配置文件 {path}（{reason_of(error)}），{remedy}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path} 第 {line} 行：不是 UTF-8 编码，请在编辑器里另存为 UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}：TOML 写法有误（{error}），请检查这一行的引号、等号和方括号") from error


def _accounts(channels: Any, base: Path) -> dict[str, dict[str, Any]]:
    """[channels.webchat.main] -> "webchat:main"; paths of secrets become absolute, a channel knows no base folder."""
    accounts: dict[str, dict[str, Any]] = {}
    for channel, names in _sections(channels, "channels").items():
        for name, table in _sections(names, f"channels.{channel}").items():
            accounts[f"{channel}:{name}"] = {key: _absolute(key, value, base) for key, value in table.items()}
    return accounts


def _sections(value: Any, where: str) -> Mapping[str, Mapping[str, Any]]:
    if not isinstance(value, Mapping) or not all(isinstance(inner, Mapping) for inner in value.values()):
        raise ConfigError(f"[{where}]：渠道的设置要写在带账号名的一节里，例如 [channels.webchat.main]")
    return value


def _absolute(key: str, value: Any, base: Path) -> Any:
    return str(base / Path(value).expanduser()) if key.endswith("_file") and isinstance(value, str) else value


def _database_url(url: str, data_dir: Path, base: Path) -> str:
    filled = url.replace("{data_dir}", str(data_dir))
    prefix, found, file = filled.partition("sqlite:///")
    return f"sqlite:///{base / file}" if found and not prefix else filled
