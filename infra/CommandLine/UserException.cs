namespace Pipeline.Infra.CommandLine;

/// <summary>Something that the user can mend: the message says what is wrong, where, and how to mend it. Printed without a stack trace.</summary>
public sealed class UserException : Exception
{
    public UserException(string message)
        : base(message)
    {
    }

    public UserException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public UserException()
    {
    }
}
