@echo off
rem Talk to a conversation model of the course, from the command prompt or by a double click.
rem     chat.bat
rem     chat.bat --model runs\chat-large --max-tokens 200 --temperature 0.9
rem     chat.bat --prompt "What is a token?" > answer.txt
setlocal
set "ROOT=%~dp0..\..\.."
set "PYTHON=%ROOT%\.venv\Scripts\python.exe"
if not exist "%PYTHON%" set "PYTHON=python"
set "PYTHONPATH=%ROOT%;%PYTHONPATH%"
"%PYTHON%" -m gptlab.chat %*
exit /b %ERRORLEVEL%
