# Writes the catalogue's JSON files as string constants: cmake -D OUTPUT=... -D FOLDER=... -P embed_catalogue.cmake
# An array of bytes and not a literal: a catalogue may outgrow the longest literal that compilers promise to take.
function(embed file variable)
  file(READ ${FOLDER}/${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  file(APPEND ${OUTPUT} "static const char ${variable}Bytes[] = {\n${bytes}'\\0'};\nconst absl::string_view ${variable}{${variable}Bytes, sizeof(${variable}Bytes) - 1};\n")
endfunction()

file(WRITE ${OUTPUT} "// Generated from common/messages/catalogue; do not edit.\n#include \"common/messages/catalogue_data.h\"\n\nnamespace consort {\n")
embed(en.json kEnglishCatalogue)
embed(zh-Hans.json kChineseCatalogue)
file(APPEND ${OUTPUT} "}  // namespace consort\n")
