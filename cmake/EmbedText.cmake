# Writes the file FILE as NAME, bytes that end with a NUL, into OUTPUT.
file(READ ${FILE} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
get_filename_component(file ${FILE} NAME)
file(WRITE ${OUTPUT} "/* Made from ${file} by cmake/EmbedText.cmake. */\nextern const unsigned char ${NAME}[];\nconst unsigned char ${NAME}[] = {${bytes}0};\n")
