using System.CommandLine;
using System.Globalization;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Processors.TimeAware;

/// <summary>Options that the verbs of <c>advise</c> share.</summary>
internal static class AdviseOptions
{
    public static Option<string> Zone()
    {
        Option<string> option = new("--time-zone") { Description = "Time zone in which weeks are cut into hours and answers are told, for instance Europe/Berlin", HelpName = "ZONE", DefaultValueFactory = _ => "UTC" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 0) return;
            try
            {
                _ = new SlotClock(60, result.Tokens[0].Value);
            }
            catch (UserException e)
            {
                result.AddError($"--time-zone: {e.Message}");
            }
        });
        return option;
    }

    public static Option<int> SlotMinutes() => new("--profile-slot")
    {
        Description = "Minutes of a slot of the weekly profile: 15, 30 or 60",
        HelpName = "MINUTES",
        DefaultValueFactory = _ => 60,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, out int minutes) && minutes is 15 or 30 or 60) return minutes;
            result.AddError($"--profile-slot is '{result.Tokens[0].Value}'; 15, 30 or 60 is wanted");
            return 60;
        },
    };

    /// <summary>An amount of memory: 160GiB, 512MB, or bytes.</summary>
    public static Option<double> Memory() => new("--memory")
    {
        Description = "Memory that has to be free, such as 160GiB or 512MB",
        HelpName = "SIZE",
        DefaultValueFactory = _ => 0,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value, digits = text.TrimEnd("BKMGTib".ToCharArray());
            double unit = text[digits.Length..] switch
            {
                "" or "B" => 1,
                "KB" => 1e3,
                "MB" => 1e6,
                "GB" => 1e9,
                "TB" => 1e12,
                "KiB" => 1L << 10,
                "MiB" => 1L << 20,
                "GiB" => 1L << 30,
                "TiB" => 1L << 40,
                _ => 0,
            };
            if (unit > 0 && double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number * unit)) return number * unit;
            result.AddError($"--memory is '{text}'; a size such as 160GiB or 512MB is wanted");
            return 0;
        },
    };
}
