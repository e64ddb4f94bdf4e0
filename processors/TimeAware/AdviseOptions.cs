using System.CommandLine;
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
}
