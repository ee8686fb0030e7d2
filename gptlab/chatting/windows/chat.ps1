<#
.SYNOPSIS
Talk to a conversation model of the course, from PowerShell.

.EXAMPLE
.\gptlab\chatting\windows\chat.ps1
.\gptlab\chatting\windows\chat.ps1 -Model runs\chat-large -MaxTokens 200 -Temperature 0.9
.\gptlab\chatting\windows\chat.ps1 -Prompt "What is a token?"

.NOTES
"Running scripts is disabled on this system": allow your own scripts once, for you alone, with
    Set-ExecutionPolicy -ExecutionPolicy RemoteSigned -Scope CurrentUser
or this one script, this one time, with
    powershell -ExecutionPolicy Bypass -File gptlab\chatting\windows\chat.ps1
See python -m gptlab.tips "PowerShell execution policy". chat.bat beside this file needs
neither.
#>
param(
    [string]$Model = "small",
    [int]$MaxTokens = 100,
    [double]$Temperature = 0.8,
    [int]$TopK = 20,
    [string]$Device = "auto",
    [string]$Prompt = ""
)

$root = (Resolve-Path (Join-Path $PSScriptRoot "..\..\..")).Path
$python = Join-Path $root ".venv\Scripts\python.exe"
if (-not (Test-Path $python)) { $python = "python" }

# A number is written with a point whatever the language of Windows is: 0,9 would be refused.
$point = [System.Globalization.CultureInfo]::InvariantCulture
$options = @(
    "--model", $Model,
    "--max-tokens", $MaxTokens.ToString($point),
    "--temperature", $Temperature.ToString($point),
    "--top-k", $TopK.ToString($point),
    "--device", $Device
)
if ($Prompt) { $options += @("--prompt", $Prompt) }

# gptlab is found where the course lies, installed or not; the folder you are in stays yours.
$before = $env:PYTHONPATH
$env:PYTHONPATH = if ($before) { "$root;$before" } else { $root }
try { & $python -m gptlab.chat @options } finally { $env:PYTHONPATH = $before }
exit $LASTEXITCODE
