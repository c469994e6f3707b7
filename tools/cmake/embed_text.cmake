# cmake -DINPUT=file -DOUTPUT=file.cc -DNAME=kName -P embed_text.cmake
# Writes a C++ source that defines `extern const char NAME[]` (namespace targets) with the bytes of INPUT.
file(READ "${INPUT}" text)
string(LENGTH "${text}" length)
# Compilers limit one literal to 64 KiB; neighbouring ones are joined.
set(literals "")
set(at 0)
while(at LESS length)
  string(SUBSTRING "${text}" ${at} 8000 piece)
  string(APPEND literals "    R\"__(${piece})__\"\n")
  math(EXPR at "${at} + 8000")
endwhile()
file(
  WRITE "${OUTPUT}"
  "// Made from ${NAME}'s source file at build time; do not edit.\nnamespace targets {\nextern const char ${NAME}[];\nconst char ${NAME}[] =\n${literals}    ;\n}  // namespace targets\n"
)
