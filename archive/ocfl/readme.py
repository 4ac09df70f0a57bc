"""What a stranger who finds the storage root reads first, in three languages."""

READMES = {
    "en": """\
This folder is the archive of a press centre. It can be read without any special software.

It is an OCFL 1.1 storage root (https://ocfl.io/1.1/spec/). Every photograph, film or recording is one object: one folder.

How an id becomes a folder: take the id, for example urn:uuid:01a20778-2943-7fed-85f0-4d05e96bc6ab, and its SHA-256. The
first two pairs of hexadecimal digits are two folders, below them lies a folder named like the id, with %3a in place of
each colon.

In the folder of an object:
  inventory.json            lists every file with its exact name and its SHA-512 ("versions" > "state" gives the names)
  inventory.json.sha512     the digest of the inventory itself
  v1/content/original/      the file as it was received, never changed
  v1/content/provenance/    receipt-….json: name, size, digests, who deposited it and when

To find a file by its name, search for the name in all files called inventory.json.
To check one object, run sha512sum on its files and compare with "manifest" in inventory.json.

Not here: previews (they are made from the originals) and the search index.
""",
    "az": """\
Bu qovluq mətbuat mərkəzinin arxividir. Onu heç bir xüsusi proqram olmadan oxumaq olar.

Bu, OCFL 1.1 saxlama köküdür (https://ocfl.io/1.1/spec/). Hər foto, video və ya səs yazısı bir obyektdir: bir qovluq.

İdentifikator qovluğa belə çevrilir: identifikatoru, məsələn urn:uuid:01a20778-2943-7fed-85f0-4d05e96bc6ab, və onun
SHA-256 cəmini götürün. Onaltılıq rəqəmlərin ilk iki cütü iki qovluqdur, onların içində identifikatorun adını daşıyan
qovluq yerləşir; iki nöqtənin yerinə %3a yazılır.

Obyektin qovluğunda:
  inventory.json            hər faylı dəqiq adı və SHA-512 cəmi ilə sadalayır (adlar: "versions" > "state")
  inventory.json.sha512     siyahının özünün cəmi
  v1/content/original/      alındığı kimi saxlanan, heç vaxt dəyişdirilməyən fayl
  v1/content/provenance/    receipt-….json: ad, ölçü, cəmlər, kim və nə vaxt təhvil verib

Faylı adına görə tapmaq üçün bu adı bütün inventory.json fayllarında axtarın.
Obyekti yoxlamaq üçün onun fayllarında sha512sum işlədin və nəticəni inventory.json-dakı "manifest" ilə tutuşdurun.

Burada yoxdur: kiçik şəkillər (orijinallardan hazırlanır) və axtarış indeksi.
""",
    "ru": """\
Эта папка — архив пресс-центра. Её можно прочесть без специальных программ.

Это корень хранилища OCFL 1.1 (https://ocfl.io/1.1/spec/). Каждая фотография, видео или звукозапись — один объект: одна папка.

Как из идентификатора получается папка: возьмите идентификатор, например urn:uuid:01a20778-2943-7fed-85f0-4d05e96bc6ab, и
его SHA-256. Первые две пары шестнадцатеричных цифр — две папки, в них лежит папка с именем идентификатора, где вместо
каждого двоеточия стоит %3a.

В папке объекта:
  inventory.json            перечисляет все файлы с точными именами и SHA-512 (имена: "versions" > "state")
  inventory.json.sha512     контрольная сумма самого перечня
  v1/content/original/      файл в том виде, в каком он получен; никогда не меняется
  v1/content/provenance/    receipt-….json: имя, размер, контрольные суммы, кто и когда сдал

Чтобы найти файл по имени, ищите имя во всех файлах inventory.json.
Чтобы проверить объект, выполните sha512sum для его файлов и сравните с "manifest" в inventory.json.

Здесь нет: уменьшенных изображений (они делаются из оригиналов) и поискового индекса.
""",
}
