using System.CommandLine;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Tests.Unit.Infra.CommandLine;

public sealed class ApplicationTests : IDisposable
{
    private readonly List<string> ran = [];

    public void Dispose()
    {
        foreach (string name in new[] { "PIPELINE_OF_ROOT", "PIPELINE_OF_VERB" }) Environment.SetEnvironmentVariable(name, null);
    }

    [Fact]
    public async Task An_option_may_be_an_environment_variable_and_the_command_line_wins()
    {
        Environment.SetEnvironmentVariable("PIPELINE_OF_VERB", "7");
        Assert.Equal(0, await Application.RunAsync(Program(), ["verb"]));
        Assert.Equal(0, await Application.RunAsync(Program(), ["verb", "--of-verb", "8"]));
        Assert.Equal(["verb 7", "verb 8"], ran);
    }

    [Fact]
    public async Task A_verb_does_not_get_the_variables_of_the_program_without_a_verb()
    {
        Environment.SetEnvironmentVariable("PIPELINE_OF_ROOT", "7");
        Assert.Equal(0, await Application.RunAsync(Program(), ["verb"]));
        Assert.Equal(0, await Application.RunAsync(Program(), []));
        Assert.Equal(["verb 1", "root 7"], ran);
    }

    [Fact]
    public async Task A_wrong_variable_is_as_wrong_as_a_wrong_option()
    {
        Environment.SetEnvironmentVariable("PIPELINE_OF_VERB", "eleven");
        Assert.Equal(2, await Application.RunAsync(Program(), ["verb"]));
        Assert.Equal(2, await Application.RunAsync(Program(), ["verb", "--of-verb", "11"]));
        Assert.Empty(ran);
    }

    [Fact]
    public async Task What_a_user_can_mend_ends_with_one()
    {
        RootCommand root = new("fails");
        root.SetAction((_, _) => throw new UserException("mend it"));
        Assert.Equal(1, await Application.RunAsync(root, []));
    }

    [Fact]
    public async Task An_option_that_cannot_be_read_is_wrong_also_where_a_command_looks_at_it_beside_others()
    {
        RootCommand root = Program();
        Option<int> number = CommonOptions.Int("--number", "a number", 1, 0, 10);
        Command checks = new("checks") { number };
        checks.Validators.Add(result =>
        {
            if (result.GetValue(number) == 7) result.AddError("not seven");
        });
        checks.SetAction((_, _) => Ran("checks"));
        root.Add(checks);
        Assert.Equal(2, await Application.RunAsync(root, ["checks", "--number", "eleven"]));
        Assert.Equal(2, await Application.RunAsync(root, ["checks", "--number", "7"]));
        Assert.Empty(ran);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_told_with_its_option()
    {
        Option<DirectoryInfo> trace = new("--trace");
        OptionValidation.AcceptExistingOnly(trace);
        RootCommand root = new("a program") { trace };
        root.SetAction((_, _) => Ran("root"));
        using StringWriter errors = new();
        TextWriter before = Console.Error;
        Console.SetError(errors);
        try
        {
            Assert.Equal(2, await Application.RunAsync(root, ["--trace", "no/such/folder"]));
        }
        finally
        {
            Console.SetError(before);
        }
        Assert.Matches("error: --trace: .*'no/such/folder'", errors.ToString());
        Assert.Empty(ran);
    }

    [Fact]
    public async Task A_file_in_place_of_a_folder_is_found_before_anything_runs()
    {
        Option<DirectoryInfo?> output = new("--out");
        RootCommand root = new("a program") { output };
        root.SetAction((_, _) => Ran("root"));
        string file = Path.GetTempFileName();
        try
        {
            Assert.Equal(2, await Application.RunAsync(root, ["--out", file]));
        }
        finally
        {
            File.Delete(file);
        }
        Assert.Empty(ran);
        Assert.Equal(0, await Application.RunAsync(root, ["--out", file + ".d"]));
    }

    private RootCommand Program()
    {
        Option<int> ofRoot = CommonOptions.Int("--of-root", "a number", 1, 0, 10), ofVerb = CommonOptions.Int("--of-verb", "a number", 1, 0, 10);
        Command verb = new("verb") { ofVerb };
        verb.SetAction((parsed, _) => Ran($"verb {parsed.GetValue(ofVerb)}"));
        RootCommand root = new("a program") { ofRoot, verb };
        root.SetAction((parsed, _) => Ran($"root {parsed.GetValue(ofRoot)}"));
        return root;
    }

    private Task Ran(string what)
    {
        ran.Add(what);
        return Task.CompletedTask;
    }
}
