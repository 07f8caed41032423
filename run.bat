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
exit /b 2

:start
%PYTHON% -I "%~dp0app\bootstrap.py" %*
exit /b %errorlevel%
