"""Pictures, TIFF, matrices, arrays: what each reader gives, and each refusal with its sentence."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from plugging import PLUGINS, forget_plugins  # noqa: F401

from tools.datasets.folder.reader import list_files
from tools.errors import ImageError, RejectError, UsageError
from tools.registry import THERMAL_READERS, load_plugin
from tools.thermal import is_table, read_thermal
from tools.thermal.units import parse_unit

WIDTH, HEIGHT = 16, 12
CELSIUS = np.linspace(-5, 45, WIDTH * HEIGHT).reshape(HEIGHT, WIDTH)
RNG = np.random.default_rng(0)


def save_deep(path, celsius, per_kelvin=100.0, nodata=None):
    counts = np.rint((celsius + 273.15) * per_kelvin).astype(np.uint16)
    if nodata is not None:
        counts[nodata] = 0
    Image.fromarray(counts).save(path)
    return path


def save_csv(path, celsius, separator=",", point=".", head="", end="", encoding="utf-8"):
    rows = [separator.join(f"{value:.2f}".replace(".", point) for value in row) + end for row in celsius]
    path.write_text(head + "\r\n".join(rows) + "\r\n", encoding=encoding)
    return path


def test_pictures_keep_their_levels(tmp_path):
    levels = RNG.integers(0, 256, (HEIGHT, WIDTH)).astype(np.uint8)
    for name in ("a.png", "a.bmp", "a.tif", "renamed.jpg"):
        Image.fromarray(levels).save(tmp_path / name, "PNG" if name == "renamed.jpg" else None)
        thermal = read_thermal(tmp_path / name, polarity="black-hot")
        assert (thermal.source, thermal.unit, thermal.polarity) == ("picture", "gray", "black-hot")
        assert thermal.pixels.dtype == np.uint8 and np.array_equal(thermal.pixels, levels)
        assert np.array_equal(np.asarray(thermal.display()), 255 - levels)


def test_a_picture_holds_no_temperatures(tmp_path):
    Image.fromarray(RNG.integers(0, 256, (HEIGHT, WIDTH)).astype(np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(RejectError, match=r"a\.png: a picture of 8 bits or of colours holds no temperatures") as error:
        read_thermal(tmp_path / "a.png", "celsius")
    assert error.value.code == "no_values"


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_16_bits_are_counts_until_a_unit_is_stated(tmp_path, name):
    path = save_deep(tmp_path / name, CELSIUS)
    counts = read_thermal(path)
    assert (counts.unit, counts.polarity, counts.pixels.dtype) == ("counts", "unknown", np.float32)
    assert counts.span == (26815, 31815)
    for unit, factor in (("centikelvin", 100.0), ("K*25", 25.0), ("K*10", 10.0), ("kelvin", 1.0)):
        thermal = read_thermal(save_deep(tmp_path / name, CELSIUS, factor), unit)
        assert (thermal.unit, thermal.polarity) == ("celsius", "white-hot")
        assert np.abs(thermal.pixels - CELSIUS).max() <= 0.5 / factor + 0.01


def test_float_tiff_in_each_unit(tmp_path):
    for unit, values in (("celsius", CELSIUS), ("kelvin", CELSIUS + 273.15)):
        Image.fromarray(values.astype(np.float32)).save(tmp_path / "a.tif")
        assert np.abs(read_thermal(tmp_path / "a.tif", unit).pixels - CELSIUS).max() < 0.001
    assert read_thermal(tmp_path / "a.tif").unit == "counts"


def test_a_unit_that_cannot_be_is_refused(tmp_path):
    path = save_deep(tmp_path / "a.tif", CELSIUS)
    with pytest.raises(
        RejectError, match=r"a\.tif: as kelvin its median is 29\d+(\.\d+)? degrees Celsius, outside -40 to 120"
    ):
        read_thermal(path, "kelvin")
    Image.fromarray(RNG.integers(7000, 9000, (HEIGHT, WIDTH)).astype(np.uint16)).save(path)  # raw counts
    with pytest.raises(RejectError, match=r"-19\d.*leave --unit out to use them as counts") as error:
        read_thermal(path, "centikelvin")
    assert error.value.code == "implausible_unit"


@pytest.mark.parametrize("text", ["celsuis", "K*0", "K*", "fahrenheit", "K*-4", ""])
def test_what_is_no_unit_is_refused(text):
    with pytest.raises(UsageError, match=r"--unit .*expected celsius, kelvin, centikelvin or K\*N"):
        parse_unit(text)


def test_what_was_not_measured_is_nan_and_black(tmp_path):
    empty = np.zeros((HEIGHT, WIDTH), bool)
    empty[:, :3] = True
    path = save_deep(tmp_path / "a.png", CELSIUS, nodata=empty)
    thermal = read_thermal(path, "centikelvin")
    assert np.array_equal(np.isnan(thermal.pixels), empty)
    shown = np.asarray(thermal.display())
    assert shown[empty].max() == 0 and np.ptp(shown[~empty]) == 255
    for name, fill in (("b.tif", np.nan), ("c.tif", -9999.0), ("d.tif", 3.4e38)):
        Image.fromarray(np.where(empty, fill, CELSIUS).astype(np.float32)).save(tmp_path / name)
        assert np.array_equal(np.isnan(read_thermal(tmp_path / name, "celsius").pixels), empty), name
        np.save(tmp_path / "e.npy", np.where(empty, fill, CELSIUS))
        assert np.array_equal(np.isnan(read_thermal(tmp_path / "e.npy", "celsius").pixels), empty), name
    Image.fromarray(np.full((HEIGHT, WIDTH), np.nan, np.float32)).save(path.with_suffix(".tif"))
    with pytest.raises(RejectError, match="holds no measured pixel"):
        read_thermal(path.with_suffix(".tif"))


def test_a_span_is_the_same_for_every_picture(tmp_path):
    one = read_thermal(save_deep(tmp_path / "a.tif", CELSIUS), "centikelvin")
    other = read_thermal(save_deep(tmp_path / "b.tif", CELSIUS + 20), "centikelvin")
    assert np.array_equal(np.asarray(one.display()), np.asarray(other.display()))
    shown = np.asarray(one.display((-20, 80)), float), np.asarray(other.display((-20, 80)), float)
    assert np.abs(shown[1] - shown[0] - 51).max() <= 1  # a fifth of 255


def test_16_bits_are_turned_as_exif_says(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    counts = np.arange(WIDTH * HEIGHT, dtype=np.uint16).reshape(HEIGHT, WIDTH) * 100
    Image.fromarray(counts).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(read_thermal(tmp_path / "a.png").pixels, np.rot90(counts, -1))


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"separator": ";", "point": ","},
        {"separator": "\t", "point": ","},
        {"separator": " "},
        {"separator": ";", "point": ",", "end": ";"},
        {"end": ","},
        {"head": "\ufeff"},
        {"head": "File,scan.jpg\r\nEmissivity,0.95\r\n\r\n"},
        {"separator": ";", "head": "Datei: a.bmt\r\nEmissionsgrad: 0,95\r\nEinheit: °C\r\n", "encoding": "latin-1"},
        {"encoding": "utf-16"},
    ],
)
def test_matrices_as_software_writes_them(tmp_path, written):
    thermal = read_thermal(save_csv(tmp_path / "a.csv", CELSIUS, **written), "celsius")
    assert (thermal.source, thermal.unit) == ("csv", "celsius")
    assert thermal.pixels.shape == CELSIUS.shape and np.abs(thermal.pixels - CELSIUS).max() < 0.006


def test_headings_and_empty_cells_of_matrices(tmp_path):
    rows = [";".join(["row", *map(str, range(WIDTH))])]
    for number, row in enumerate(CELSIUS):
        cells = [f"{value:.1f}".replace(".", ",") for value in row]
        rows.append(
            ";".join([str(number), *("" if number == place == 2 else cell for place, cell in enumerate(cells))])
        )
    (tmp_path / "a.csv").write_text("\n".join(rows))
    pixels = read_thermal(tmp_path / "a.csv", "celsius").pixels
    assert pixels.shape == CELSIUS.shape and np.argwhere(np.isnan(pixels)).tolist() == [[2, 2]]
    named = "\n".join(
        f"row {number}," + ",".join(f"{value:.2f}" for value in row) for number, row in enumerate(CELSIUS)
    )
    (tmp_path / "b.csv").write_text(named)
    assert np.abs(read_thermal(tmp_path / "b.csv", "celsius").pixels - CELSIUS).max() < 0.006


def test_the_unit_in_a_matrix_own_head_counts(tmp_path):
    path = save_csv(tmp_path / "a.csv", CELSIUS, head="Temperature in degrees Celsius\n")
    assert read_thermal(path).unit == "celsius"
    assert read_thermal(save_csv(tmp_path / "b.csv", CELSIUS)).unit == "counts"
    with pytest.raises(RejectError, match="its head says degrees Celsius and --unit says kelvin; leave --unit out"):
        read_thermal(path, "kelvin")
    with pytest.raises(RejectError, match="its head says degrees Fahrenheit; export it in degrees Celsius"):
        read_thermal(save_csv(tmp_path / "c.csv", CELSIUS, head="Unit: °F\n"), "celsius")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("image,caption\n1.jpg,A dog.\n", "no line holds 8 numbers or more"),
        ("1,2,3,4,5,6,7,8.5\n" * 3, "its matrix has 3 rows and 8 columns"),
        ("1.5,2,3,4,5,6,7,8.5\n" * 9 + "1,2,3\n" + "1.5,2,3,4,5,6,7,8\n", "its rows have between 3 and 8 columns"),
        ("1.5,2,3,4,5,6,7,8.5\n" * 9 + "1.5,2,a,4,5,6,b,8\n" * 3 + "1.5,2,3,4,5,6,7,8\n", "words stand between"),
    ],
)
def test_what_is_no_matrix_is_refused(tmp_path, text, why):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(ImageError, match=rf"is no matrix of numbers \(.*{why}.*\); export one line a row of pixels"):
        read_thermal(tmp_path / "a.csv", "celsius")


def test_tables_of_a_folder_are_no_images(tmp_path):
    (tmp_path / "captions.csv").write_text("image,caption\n1.jpg,A dog.\n")
    save_csv(tmp_path / "scan.csv", CELSIUS)
    np.save(tmp_path / "scan2.npy", CELSIUS)
    assert is_table(tmp_path / "captions.csv") and not is_table(tmp_path / "scan.csv")
    assert [path.name for path in list_files(tmp_path)] == ["scan.csv", "scan2.npy"]


def test_arrays(tmp_path):
    for name, array in (
        ("a", CELSIUS),
        ("b", CELSIUS[:, :, None].astype(np.float16)),
        ("c", CELSIUS[None].astype("i2")),
    ):
        np.save(tmp_path / f"{name}.npy", array)
        thermal = read_thermal(tmp_path / f"{name}.npy", "celsius")
        assert thermal.source == "npy" and np.abs(thermal.pixels - CELSIUS).max() <= 1
    np.save(tmp_path / "d.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ImageError, match="holds Python objects, which are never loaded"):
        read_thermal(tmp_path / "d.npy")
    np.save(tmp_path / "e.npy", np.zeros((4, 5, 3)))
    with pytest.raises(ImageError, match=r"holds 4 x 5 x 3 float64 values; save one channel of numbers"):
        read_thermal(tmp_path / "e.npy")
    (tmp_path / "f.npy").write_bytes((tmp_path / "a.npy").read_bytes()[:200])
    with pytest.raises(ImageError, match="is damaged"):
        read_thermal(tmp_path / "f.npy")


def test_tiff_of_several_channels_is_unsupported(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(
        tmp_path / "a.tif", np.zeros((8, 8, 5), np.float32), photometric="minisblack", planarconfig="contig"
    )
    with pytest.raises(ImageError, match="a TIFF of 5 channels of 32-bit float values, which is not read here"):
        read_thermal(tmp_path / "a.tif", "celsius")


def save_jpeg(path, maker="", segment=None):
    exif = Image.Exif()
    exif[0x010F] = maker
    Image.new("L", (32, 24)).save(path, "JPEG", exif=exif)
    if segment is not None:
        content = path.read_bytes()
        end = 4 + int.from_bytes(content[4:6], "big")
        path.write_bytes(content[:end] + b"\xff" + bytes([segment]) + b"\x00\x06data" + content[end:])
    return path


@pytest.mark.parametrize(
    ("name", "brand", "export"),
    [
        ("a.bmt", "testo .bmt", "IRSoft"),
        ("a.BMT", "testo .bmt", "IRSoft"),
        ("a.ravi", "Optris .ravi", "PIX Connect"),
        ("a.is2", "Fluke .is2", "SmartView"),
        ("a.irg", "InfiRay .irg", "InfiRay's PC software"),
        ("a.irb", "InfraTec .irb", "IRBIS"),
        ("a.csq", "FLIR .csq", "Thermal Studio"),
    ],
)
def test_formats_are_refused_by_name(tmp_path, name, brand, export):
    (tmp_path / name).write_bytes(b"BM anything")
    with pytest.raises(
        RejectError, match=rf"is a {brand}.*not read here\. Export its temperatures: .*{export}"
    ) as error:
        read_thermal(tmp_path / name, "celsius")
    assert error.value.code == "export_first"
    assert list_files(tmp_path) == [tmp_path / name]  # so that it is a reject of a run, and not passed over


@pytest.mark.parametrize(
    ("maker", "segment", "export"),
    [
        ("DJI", 0xE3, "dji_irp -s IN.JPG -a measure"),
        ("HIKMICRO", None, "HIKMICRO Analyzer"),
        ("Hikvision\0", None, "HIKMICRO Analyzer"),
        ("Seek Thermal, Inc.", None, "desktop software"),
    ],
)
def test_jpegs_of_makers_are_refused_by_name(tmp_path, maker, segment, export):
    path = save_jpeg(tmp_path / "a.jpg", maker, segment)
    with pytest.raises(RejectError, match=rf"Export its temperatures: .*{export}.*as a mere picture, save it as PNG"):
        read_thermal(path)


def test_pictures_of_those_makers_without_temperatures_are_pictures(tmp_path):
    assert read_thermal(save_jpeg(tmp_path / "a.jpg", "DJI")).source == "picture"
    assert read_thermal(save_jpeg(tmp_path / "b.jpg", "Canon", 0xE3)).source == "picture"


def test_what_is_no_image_is_refused_as_one(tmp_path):
    (tmp_path / "a.png").write_text("hello")
    with pytest.raises(ImageError, match="is a text file, none of the formats read here"):
        read_thermal(tmp_path / "a.png")
    (tmp_path / "b.csv").write_text("")
    with pytest.raises(ImageError, match="the file is empty"):
        read_thermal(tmp_path / "b.csv")
    with pytest.raises(ImageError, match="no such file"):
        read_thermal(tmp_path / "c.npy")


@pytest.mark.usefixtures("forget_plugins")
def test_a_plugins_reader_comes_before_all_others(tmp_path):
    path = tmp_path / "scan.ramp"
    path.write_bytes(b"RAMP" + bytes([4, 2]) + bytes([40, 42, 44, 46, 48, 50, 52, 54]))
    (tmp_path / "scan.is2").write_bytes(path.read_bytes())
    assert list_files(tmp_path) == [tmp_path / "scan.is2"]
    load_plugin(str(PLUGINS / "dummy_thermal_reader.py"))
    assert THERMAL_READERS.names()[-1] == "ramp"
    for name in ("scan.ramp", "scan.is2"):
        thermal = read_thermal(tmp_path / name)
        assert thermal.source == "ramp" and thermal.pixels.tolist() == [[20, 21, 22, 23], [24, 25, 26, 27]]
    assert list_files(tmp_path) == [tmp_path / "scan.is2", path]


def test_false_colour_says_so(tmp_path):
    from tools.thermal.overlays.palettes import PALETTES

    levels = np.asarray(Image.radial_gradient("L").resize((90, 70)))
    for name, has_order in (("iron", True), ("lava", True), ("glow", True), ("rainbow", False), ("arctic", False)):
        Image.fromarray(PALETTES[name][levels].astype(np.uint8)).save(tmp_path / "a.png")
        thermal = read_thermal(tmp_path / "a.png")
        assert (thermal.overlays, thermal.palette) == (("false-colour",), name)
        assert thermal.shows_order == has_order and thermal.unit == "gray"


def test_colours_of_no_palette_say_nothing_of_order(tmp_path):
    image = Image.new("RGB", (160, 120), (30, 160, 90))
    ImageDraw.Draw(image).rectangle((20, 20, 90, 90), fill=(90, 60, 200))
    image.save(tmp_path / "a.png")
    thermal = read_thermal(tmp_path / "a.png")
    assert thermal.overlays == ("colour",) and not thermal.shows_order


def test_the_page_has_every_brand_with_its_export():
    from pages import read_page

    from tools.thermal.readers.refused import REFUSED

    page = read_page("own-data.md")
    assert all(f"| {row.export} |" in page for row in REFUSED.table)
    endings = set(THERMAL_READERS.find("refused").traits["endings"])
    assert endings == {ending for row in REFUSED.table for ending in row.endings}
