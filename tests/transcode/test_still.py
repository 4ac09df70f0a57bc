"""The stills child, called in this process on pictures we make: orientation, colour, damage, sizes."""

import io
import json

import pytest
from PIL import Image, ImageCms, ImageDraw, ImageStat

from transcode.still import child, colour, opening, probe, profiles, thumbhash, tone

ORIENTED = [("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "WEBP"), ("TIFF", "TIFF"), ("AVIF", "AVIF")]


def quarters(size=(320, 200)):
    """A picture whose four corners differ: red, green, blue, white, row by row."""
    picture = Image.new("RGB", size)
    draw = ImageDraw.Draw(picture)
    half, middle = size[0] // 2, size[1] // 2
    draw.rectangle((0, 0, half, middle), "#ff0000")
    draw.rectangle((half, 0, size[0], middle), "#00ff00")
    draw.rectangle((0, middle, half, size[1]), "#0000ff")
    draw.rectangle((half, middle, size[0], size[1]), "#ffffff")
    return picture


def corners(picture):
    """The four corners as letters."""
    names = {(255, 0, 0): "R", (0, 255, 0): "G", (0, 0, 255): "B", (255, 255, 255): "W"}
    width, height = picture.size
    places = [(w, h) for h in (height // 4, height * 3 // 4) for w in (width // 4, width * 3 // 4)]

    def nearest(pixel):
        return min(
            names, key=lambda name: sum(abs(a - b) for a, b in zip(name, pixel, strict=True))
        )

    return "".join(names[nearest(picture.convert("RGB").getpixel(place))] for place in places)


def stored(upright, orientation):
    """The pixels a camera stores when held so."""
    back = {2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}
    turn = opening.TRANSPOSITIONS.get(back.get(orientation, 1))
    return upright if turn is None else upright.transpose(turn)


def make(tmp_path, data, decoder):
    path = tmp_path / "original"
    path.write_bytes(data)
    return child.make(str(path), decoder, str(tmp_path))


def saved(picture, kind, **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def preview(tmp_path):
    return Image.open(io.BytesIO((tmp_path / "preview.jpg").read_bytes()))


@pytest.mark.parametrize("orientation", range(9))
@pytest.mark.parametrize(("kind", "decoder"), ORIENTED)
def test_every_orientation_in_every_format_ends_upright(tmp_path, kind, decoder, orientation):
    exif = Image.Exif()
    exif[opening.ORIENTATION] = orientation
    options = {"exif": exif, "quality": 90}
    if kind == "TIFF":
        options = {"tiffinfo": {opening.ORIENTATION: orientation}}
    data = saved(stored(quarters(), orientation), kind, **options)
    report = make(tmp_path, data, decoder)
    assert (report["width"], report["height"]) == (320, 200)
    assert preview(tmp_path).size == (320, 200)
    assert corners(preview(tmp_path)) == "RGBW"


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_exif_never_turns_a_heic_which_its_container_has_turned(tmp_path, orientation):
    import pillow_heif

    pillow_heif.register_heif_opener()
    exif = Image.Exif()
    exif[opening.ORIENTATION] = orientation
    make(tmp_path, saved(quarters(), "HEIF", exif=exif), "HEIF")
    assert corners(preview(tmp_path)) == "RGBW"


def test_a_large_jpeg_is_drafted_and_never_enlarged(tmp_path):
    report = make(tmp_path, saved(quarters((6000, 4000)), "JPEG"), "JPEG")
    assert (report["width"], report["height"]) == (6000, 4000)
    assert preview(tmp_path).size == (1440, 960)
    with (tmp_path / "original").open("rb") as stream:
        assert opening.open_picture(stream, "JPEG", 2880).picture.size == (3000, 2000)
    make(tmp_path, saved(quarters((40, 30)), "JPEG"), "JPEG")
    assert preview(tmp_path).size == (40, 30)


def ramp16():
    picture = Image.new("I;16", (256, 64))
    picture.putdata([column * 257 for _ in range(64) for column in range(256)])
    return picture


def floats():
    picture = Image.new("F", (256, 64))
    picture.putdata([column / 1000 - 5.0 for _ in range(64) for column in range(256)])
    return picture


@pytest.mark.parametrize(
    ("picture", "kind", "mean"),
    [
        (ramp16(), "TIFF", 127.5),
        (ramp16(), "PNG", 127.5),
        (floats(), "TIFF", 127.5),
        (Image.new("F", (64, 64), 7.0), "TIFF", 0),
        (Image.new("L", (64, 64), 100), "JPEG", 100),
        (Image.new("1", (64, 64), 1), "PNG", 255),
        (Image.new("CMYK", (64, 64), (0, 0, 0, 0)), "TIFF", 255),
        (Image.new("CMYK", (64, 64), (0, 0, 0, 0)), "JPEG", 255),
        (Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "PNG", 255),
        (Image.new("LA", (64, 64), (0, 128)), "PNG", 127),
        (Image.new("YCbCr", (64, 64), (128, 128, 128)), "TIFF", 128),
        (Image.new("LAB", (64, 64), (255, 128, 128)), "TIFF", 255),
    ],
)
def test_every_mode_looks_right(tmp_path, picture, kind, mean):
    make(tmp_path, saved(picture, kind), kind)
    found = ImageStat.Stat(preview(tmp_path).convert("L")).mean[0]
    assert abs(found - mean) < 4


def test_a_palette_with_transparency_lies_on_white(tmp_path):
    picture = quarters().convert("P", palette=Image.Palette.ADAPTIVE, colors=4)
    red = picture.getpixel((10, 10))
    make(tmp_path, saved(picture, "PNG", transparency=red), "PNG")
    assert corners(preview(tmp_path)) == "WGBW"


def test_the_first_frame_with_content_is_shown(tmp_path):
    empty = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    full = Image.new("RGBA", (64, 64), (200, 0, 0, 255))
    data = saved(empty, "PNG", save_all=True, append_images=[full, full])
    report = make(tmp_path, data, "PNG")
    assert report["flags"] == ["animated"]
    assert report["frames"] == 3
    assert preview(tmp_path).getpixel((32, 32))[0] > 150


def test_frames_of_a_gif_are_counted(tmp_path):
    frames = [Image.new("L", (8, 8), shade) for shade in range(0, 250, 10)]
    report = make(tmp_path, saved(frames[0], "GIF", save_all=True, append_images=frames[1:]), "GIF")
    assert report["frames"] == 25


def test_display_p3_is_brought_to_srgb(tmp_path):
    profile = profiles.matrix_profile(profiles.DISPLAY_P3)
    picture = Image.new("RGB", (32, 32), (180, 100, 80))
    make(tmp_path, saved(picture, "JPEG", icc_profile=profile, quality=95), "JPEG")
    red, green, blue = preview(tmp_path).getpixel((16, 16))
    # the CSS Color 4 conversion of color(display-p3 .706 .392 .314) is rgb(191, 96, 74)
    assert (abs(red - 191) < 4, abs(green - 96) < 4, abs(blue - 74) < 4) == (True, True, True)


def test_adobe_rgb_without_a_profile_is_told_by_exif(tmp_path):
    exif = Image.Exif()
    exif.get_ifd(colour.EXIF_FOLDER)[colour.COLOUR_SPACE] = colour.ADOBE_RGB
    picture = Image.new("RGB", (32, 32), (60, 200, 60))
    make(tmp_path, saved(picture, "JPEG", exif=exif, quality=95), "JPEG")
    red, green, _ = preview(tmp_path).getpixel((16, 16))
    assert red < 20  # the green of Adobe RGB lies outside sRGB
    assert green > 195


@pytest.mark.parametrize(
    "profile",
    [b"junk", b"\0" * 200, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()],
)
def test_a_profile_that_does_not_fit_is_left_out_and_flagged(tmp_path, profile):
    report = make(tmp_path, saved(quarters(), "PNG", icc_profile=profile), "PNG")
    assert report["flags"] == ["bad-profile"]
    assert corners(preview(tmp_path)) == "RGBW"


def test_an_srgb_profile_changes_nothing(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    report = make(tmp_path, saved(quarters(), "PNG", icc_profile=profile), "PNG")
    assert report["flags"] == []
    assert corners(preview(tmp_path)) == "RGBW"


def test_a_grey_picture_may_carry_a_profile_for_colour(tmp_path):
    profile = profiles.matrix_profile(profiles.DISPLAY_P3)
    grey = Image.new("L", (32, 32), 120)
    report = make(tmp_path, saved(grey, "PNG", icc_profile=profile), "PNG")
    assert report["flags"] == []
    assert abs(preview(tmp_path).getpixel((5, 5))[0] - 120) < 3


def test_nclx_and_high_dynamic_range_become_srgb():
    white = Image.new("RGB", (4, 4), (148, 148, 148))  # 203 nits in PQ
    pq = colour.Colours(profile=None, primaries=9, transfer=tone.PQ, is_adobe=False)
    shown, flags = colour.to_srgb(white, pq)
    assert flags == {"hdr"}
    assert 205 < shown.getpixel((0, 0))[0] < 245
    p3 = colour.Colours(profile=None, primaries=12, transfer=13, is_adobe=False)
    red, _, _ = colour.to_srgb(Image.new("RGB", (4, 4), (180, 100, 80)), p3)[0].getpixel((0, 0))
    assert abs(red - 191) < 4


def test_tone_curves_rise_and_keep_the_lower_range():
    for transfer in (tone.PQ, tone.HLG):
        curve = tone.curve(transfer)
        assert curve == sorted(curve)
        assert (curve[0], len(curve)) == (0, 256)
        assert curve[-1] == 255
    assert tone.mobius(0.5) == 0.5
    assert abs(tone.mobius(tone.PEAK_NITS / tone.WHITE_NITS) - 1) < 1e-9


def test_a_profile_of_our_own_is_read_by_the_colour_engine():
    made = ImageCms.ImageCmsProfile(io.BytesIO(profiles.matrix_profile(profiles.BT709)))
    picture = Image.new("RGB", (4, 4), (200, 100, 50))
    srgb = ImageCms.createProfile("sRGB")
    through = ImageCms.profileToProfile(picture, made, srgb, outputMode="RGB").getpixel((0, 0))
    assert all(abs(a - b) <= 1 for a, b in zip(through, (200, 100, 50), strict=True))
    assert abs(profiles.encoded(profiles.linear(0.3)) - 0.3) < 1e-9


@pytest.mark.parametrize(
    ("kind", "share", "trouble"),
    [
        ("JPEG", 0.5, "truncated"),
        ("PNG", 0.5, "truncated"),
        ("JPEG", 0.02, "truncated"),
        ("WEBP", 0.5, "truncated"),
        ("AVIF", 0.5, "truncated"),
        ("TIFF", 0.5, "truncated"),
    ],
)
def test_a_file_that_is_cut_says_so(tmp_path, kind, share, trouble):
    noise = Image.effect_noise((640, 480), 90).convert("RGB")
    data = saved(noise, kind)
    report = make(tmp_path, data[: max(int(len(data) * share), 700)], kind)
    assert report["trouble"] == trouble


def test_half_a_picture_is_shown_and_a_sliver_is_not(tmp_path):
    noise = Image.effect_noise((640, 480), 90).convert("RGB")
    data = saved(noise, "JPEG")
    assert "files" in make(tmp_path, data[: len(data) // 2], "JPEG")
    report = make(tmp_path, data[: len(data) // 25], "JPEG")
    assert report["detail"] == "almost-nothing"
    assert "files" not in report


def test_a_picture_that_is_broken_inside_is_damaged(tmp_path):
    data = bytearray(saved(Image.effect_noise((64, 64), 90).convert("RGB"), "PNG"))
    data[200:260] = b"\0" * 60
    report = make(tmp_path, bytes(data), "PNG")
    assert report["trouble"] == "damaged"


def test_bytes_without_a_picture_are_damaged(tmp_path):
    report = make(tmp_path, b"GIF89a" + b"\0" * 30 + b";", "GIF")
    assert (report["trouble"], report["detail"]) == ("damaged", "no-pixels")


def test_damaged_metadata_is_no_damage(tmp_path):
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "x" * (2 << 20), zip=True)
    report = make(tmp_path, saved(quarters(), "PNG", pnginfo=info), "PNG")
    assert report["flags"] == ["metadata-damaged"]
    assert "trouble" not in report


def test_too_many_pixels_are_refused_from_the_header(tmp_path):
    header = saved(Image.new("1", (1, 1)), "PNG")
    bomb = header[:16] + (40000).to_bytes(4, "big") * 2 + header[24:29]
    import zlib

    bomb += zlib.crc32(bomb[12:29]).to_bytes(4, "big") + header[33:]
    report = make(tmp_path, bomb, "PNG")
    assert (report["trouble"], report["detail"]) == ("too-large", "pixels")


def test_too_little_memory_is_told(tmp_path, monkeypatch):
    def no_memory(*_):
        raise MemoryError

    monkeypatch.setattr(child, "open_picture", no_memory)
    assert make(tmp_path, b"", "PNG")["trouble"] == "over-budget"


def test_the_child_prints_one_line(tmp_path, capsys):
    path = tmp_path / "original"
    path.write_bytes(saved(quarters(), "JPEG", comment=b"secret", dpi=(300, 300)))
    assert child.main([str(path), "JPEG", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)["files"] == ["preview.jpg", "thumbnail.jpg"]
    assert b"secret" not in (tmp_path / "preview.jpg").read_bytes()
    assert probe.main([str(tmp_path / "preview.jpg")]) == 0
    seen = json.loads(capsys.readouterr().out)[0]
    assert seen == {"width": 320, "height": 200, "mode": "RGB", "baseline": True, "metadata": []}


def test_the_probe_sees_what_does_not_belong(tmp_path):
    path = tmp_path / "x.jpg"
    quarters().save(path, "JPEG", progressive=True, comment=b"x")
    assert probe.probe(str(path))["metadata"] == ["comment"]
    assert probe.probe(str(path))["baseline"] is False


def test_the_placeholder_is_the_known_format():
    flat = thumbhash.encode(4, 4, [(255, 255, 255)] * 16)
    assert flat[:3] == (63 | 32 << 6 | 32 << 12).to_bytes(3, "little")
    wide = thumbhash.encode(32, 16, [(x * 8, 0, 255 - x * 8) for _ in range(16) for x in range(32)])
    assert 15 <= len(wide) <= 25
    assert wide[4] & 0x80  # landscape
    assert wide[3] & 7 == 4  # 7 × 16/32, rounded up
