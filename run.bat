@echo off
rem Opens the terminal: finds a Python that can set it up, then hands over to app\bootstrap.py.
setlocal
set "PYTHON="
py -3 -I -c "import sys, ensurepip; sys.exit(sys.version_info < (3, 11))" >nul 2>nul
if not errorlevel 1 set "PYTHON=py -3"
if defined PYTHON goto start
python -I -c "import sys, ensurepip; sys.exit(sys.version_info < (3, 11))" >nul 2>nul
if not errorlevel 1 set "PYTHON=python"
if defined PYTHON goto start
echo Stanchion needs Python 3.11 or newer; install it with "winget install Python.Python.3.13". 1>&2
set "CODE=2"
goto end

:start
%PYTHON% -I "%~dp0app\bootstrap.py" %*
set "CODE=%errorlevel%"

:end
rem A window made by a double click closes with us, and why it failed could not be read. Its line ends with a space.
set "LINE=%CMDCMDLINE:"=%"
if not "%CODE%"=="0" if not "%LINE:/c =%"=="%LINE%" if "%LINE:~-1%"==" " pause
exit /b %CODE%
